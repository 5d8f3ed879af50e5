package dev.krustlet.shim.engine;

import java.util.Optional;

/// What a container is to run.
///
/// @param path the file, inside the container's root if it is there
/// @param export the function of a wasm module to call; empty for its default
/// @param layer the layer of the image that it is instead of a file
public record Program(String path, String export, Optional<WasmLayer> layer) {
  public Program(String path, String export) {
    this(path, export, Optional.empty());
  }
}
