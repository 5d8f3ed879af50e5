/// Tests of the room engine.wasm, with the real engine.
@NullMarked
package dev.krustlet.shim.engine.wasm;

import org.jspecify.annotations.NullMarked;
