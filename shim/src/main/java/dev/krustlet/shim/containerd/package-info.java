/// Asks containerd for images, by gRPC. Loaded when an image is first asked for and not before, for
/// it brings much along.
@NullMarked
package dev.krustlet.shim.containerd;

import org.jspecify.annotations.NullMarked;
