/// Makes images of wasm files, and reads archives and layers of images.
@NullMarked
package dev.krustlet.command.image;

import org.jspecify.annotations.NullMarked;
