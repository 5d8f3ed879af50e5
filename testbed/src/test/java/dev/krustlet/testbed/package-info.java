/// The distribution under a real containerd.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed;
