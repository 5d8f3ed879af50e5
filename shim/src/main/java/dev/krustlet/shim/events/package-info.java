/// Events on their way to containerd, in order.
@NullMarked
package dev.krustlet.shim.events;

import org.jspecify.annotations.NullMarked;
