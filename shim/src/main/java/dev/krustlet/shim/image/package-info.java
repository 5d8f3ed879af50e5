/// Makes images of wasm files, and reads archives and layers of images. Used by the `krustlet`
/// command alone: what it needs is not on the daemon's class path.
@NullMarked
package dev.krustlet.shim.image;

import org.jspecify.annotations.NullMarked;
