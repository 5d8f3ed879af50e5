/// Tests of the room daemon.
@NullMarked
package dev.krustlet.shim.daemon;

import org.jspecify.annotations.NullMarked;
