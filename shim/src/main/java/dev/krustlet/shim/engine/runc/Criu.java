package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;

/// The program that runc writes checkpoints with.
final class Criu {
  private Criu() {}

  /// Refuses a checkpoint where it is not installed.
  ///
  /// @param program `criu`, which runc looks for along its PATH
  static void check(String program, String path) throws TaskException {
    if (RuntimePath.within(path, program).isEmpty()) {
      throw new TaskException(
          Code.UNIMPLEMENTED,
          "checkpoint: runc needs %s for it, and this node has none on the PATH of containerd, which is %s"
              .formatted(program, path));
    }
  }
}
