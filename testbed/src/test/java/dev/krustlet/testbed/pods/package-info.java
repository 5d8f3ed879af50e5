/// What the kubelet in small reads.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.pods;
