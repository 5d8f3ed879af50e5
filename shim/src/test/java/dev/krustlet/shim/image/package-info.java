@NullMarked
package dev.krustlet.shim.image;

import org.jspecify.annotations.NullMarked;
