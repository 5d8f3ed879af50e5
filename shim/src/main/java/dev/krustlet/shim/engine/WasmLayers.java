package dev.krustlet.shim.engine;

import java.io.IOException;
import java.util.Optional;

/// Finds wasm in the images of containers.
public interface WasmLayers {
  /// What a container's image has for a program that is not in the container's root; empty if the
  /// image has no wasm layers.
  ///
  /// @param program as the container's command names it
  /// @throws TaskException if the image has several and the name fits none
  Optional<WasmLayer> find(String container, String program)
      throws TaskException, IOException, InterruptedException;
}
