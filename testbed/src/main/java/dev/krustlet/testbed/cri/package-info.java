/// A client of containerd's CRI on its Unix socket, call by call. Imports `proto` and knows nothing
/// of beds and pods.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.cri;
