package dev.krustlet.shim.engine.logging;

import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import java.nio.file.Path;

/// Opens the outputs of one container's processes.
///
/// @param bundle where what they need has its place
/// @param namespace containerd's, which logging programs are told
public record Outputs(Path bundle, String namespace) {
  /// @param name of the process, fit for a file's
  /// @param id of the process, as containerd calls it
  public Output open(Stdio asked, String name, String id)
      throws TaskException, InterruptedException {
    return LogUri.isMeant(asked.stdout())
        ? LogProgram.start(
            LogUri.parse(asked.stdout()), asked, bundle.resolve(name + "-log"), id, namespace)
        : new Output.Direct(asked);
  }
}
