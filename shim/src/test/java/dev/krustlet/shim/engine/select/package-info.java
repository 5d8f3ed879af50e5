/// Tests of the room engine.select.
@NullMarked
package dev.krustlet.shim.engine.select;

import org.jspecify.annotations.NullMarked;
