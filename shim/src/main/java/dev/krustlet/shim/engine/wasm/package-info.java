/// Wasm containers, run by the engine process. Imports `engine`, `oci`, `os`, `policy`, ttrpc and
/// proto.
@NullMarked
package dev.krustlet.shim.engine.wasm;

import org.jspecify.annotations.NullMarked;
