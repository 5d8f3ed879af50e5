package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.WasmLayers;
import dev.krustlet.shim.os.RootDirectory;
import java.io.IOException;
import java.util.Optional;

/// Finds the modules of a wasm container's further processes, in its root or its image as well.
///
/// @param request what the container was made of
record ModuleExecs(ContainerRequest request, WasmLayers layers)
    implements HeldContainer.ExecFinder {
  @Override
  public ExecRequest found(ExecRequest wanted) throws TaskException, InterruptedException {
    return wanted.running(module(wanted).program());
  }

  private Entrypoint module(ExecRequest exec) throws TaskException, InterruptedException {
    var process = exec.process().value();
    try (var root = RootDirectory.open(request.root())) {
      var found =
          Entrypoint.find(request, process, path -> Optional.of(root.locate(path)), layers)
              .orElseThrow(() -> Entrypoint.missing(request, process));
      if (!(found.kind() instanceof ProgramKind.Wasm)) {
        throw new TaskException(
            Code.INVALID_ARGUMENT,
            "cannot exec `%s`: it is no wasm module, and container %s is one; exec runs another module or export (`PATH#EXPORT`) of its root"
                .formatted(found.program().path(), request.id()));
      }
      return found;
    } catch (IOException e) {
      throw new TaskException(
          Code.UNKNOWN, "cannot look for what to exec in container " + request.id(), e);
    }
  }
}
