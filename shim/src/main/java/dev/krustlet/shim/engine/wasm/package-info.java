/// Wasm containers, run by the engine process.
@NullMarked
package dev.krustlet.shim.engine.wasm;

import org.jspecify.annotations.NullMarked;
