/// The life of containers: states, waits, exits, events. Knows no wire.
@NullMarked
package dev.krustlet.shim.task;

import org.jspecify.annotations.NullMarked;
