@NullMarked
package dev.krustlet.shim.containerd;

import org.jspecify.annotations.NullMarked;
