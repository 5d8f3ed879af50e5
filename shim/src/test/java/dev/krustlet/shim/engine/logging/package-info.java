/// Tests of the room engine.logging.
@NullMarked
package dev.krustlet.shim.engine.logging;

import org.jspecify.annotations.NullMarked;
