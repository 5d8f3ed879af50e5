/// A containerd of one's own to try the distribution under: apart from the machine's in everything,
/// and gone without a trace afterwards. Knows the distribution as a directory, not as classes.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed;
