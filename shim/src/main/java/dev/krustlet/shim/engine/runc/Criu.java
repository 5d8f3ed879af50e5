package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The program that runc writes checkpoints with.
final class Criu {
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private Criu() {}

  /// Refuses a checkpoint where it is not installed.
  ///
  /// @param program `criu`, as a name for PATH
  static void check(String program) throws TaskException, InterruptedException {
    try {
      Process version =
          new ProcessBuilder(program, "--version")
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start();
      boolean _ = version.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      version.destroyForcibly();
    } catch (IOException e) {
      throw new TaskException(
          Code.UNIMPLEMENTED,
          "checkpoint: runc needs criu for it, and this node has none: " + e.getMessage(),
          e);
    }
  }
}
