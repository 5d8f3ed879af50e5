/// Tests of the room task.
@NullMarked
package dev.krustlet.shim.task;

import org.jspecify.annotations.NullMarked;
