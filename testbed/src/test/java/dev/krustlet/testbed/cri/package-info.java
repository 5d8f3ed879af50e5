/// CRI's calls against the descriptors of `proto`.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.cri;
