package dev.krustlet.shim.engine.wasm;

import java.nio.file.Path;

/// The installed `krustlet-engine`.
///
/// @param binary the executable
/// @param root whether we are root, so that a helper that needs nothing can be given nothing
public record EngineProgram(Path binary, boolean root) {}
