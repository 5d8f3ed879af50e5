/// Tests of the room engine.runc.
@NullMarked
package dev.krustlet.shim.engine.runc;

import org.jspecify.annotations.NullMarked;
