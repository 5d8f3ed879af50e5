/// Events on their way to containerd, in order. Imports ttrpc and proto.
@NullMarked
package dev.krustlet.shim.events;

import org.jspecify.annotations.NullMarked;
