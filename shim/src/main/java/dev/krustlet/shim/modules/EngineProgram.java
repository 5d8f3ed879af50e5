package dev.krustlet.shim.modules;

import java.nio.file.Path;
import java.util.List;

/// The installed `krustlet-engine`.
///
/// @param binary the executable
/// @param root whether we are root, so that a helper that needs nothing can be given nothing
/// @param wasi3 whether components of WASI 0.3 run too; its code has a hash of its own then
public record EngineProgram(Path binary, boolean root, boolean wasi3) {
  private static final String WASI3 = "--wasi3";

  /// What a command line of it begins with.
  public List<String> command(String name) {
    return wasi3 ? List.of(binary.toString(), name, WASI3) : List.of(binary.toString(), name);
  }

  /// The same program with components of WASI 0.3 or without.
  public EngineProgram withWasi3(boolean run) {
    return new EngineProgram(binary, root, run);
  }
}
