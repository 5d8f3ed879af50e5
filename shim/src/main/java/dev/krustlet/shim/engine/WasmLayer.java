package dev.krustlet.shim.engine;

import java.io.IOException;
import java.nio.file.Path;

/// A module or component that is a layer of an image, and in no container's root.
public interface WasmLayer {
  /// What to call it in messages.
  String name();

  /// SHA-256 of its bytes, in hexadecimal, as the image's manifest has it.
  String sha256();

  /// Its bytes, as the image's manifest has it.
  long size();

  /// Copies it. Nobody has checked then that the bytes are what the manifest says.
  void copyTo(Path file) throws TaskException, IOException, InterruptedException;
}
