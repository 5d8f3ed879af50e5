package dev.krustlet.shim.engine;

/// What a container is to run, found in its root.
///
/// @param path the file, inside the container's root
/// @param export the function of a wasm module to call; empty for its default
public record Program(String path, String export) {}
