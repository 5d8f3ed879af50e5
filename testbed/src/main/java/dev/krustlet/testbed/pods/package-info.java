/// Pods under a private containerd, made as the kubelet makes them. Imports `testbed`,
/// `testbed.cri` and `proto`.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.pods;
