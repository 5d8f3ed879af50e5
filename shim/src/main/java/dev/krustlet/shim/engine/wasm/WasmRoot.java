package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.CreateRequest;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Program;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.modules.CompiledModule;
import dev.krustlet.shim.modules.ModuleCache;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.RootDirectory;
import dev.krustlet.shim.policy.NodePolicy;
import dev.krustlet.shim.policy.Policy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// A container's root as the place that modules come from, unless they are layers of its image;
/// compiled for one engine.
///
/// @param policy what the container's guests may do
record WasmRoot(Path directory, ModuleCache cache, Policy policy) {
  /// The guest of a container, whose mounts are made: its module may lie on one.
  CreateRequest first(ContainerRequest request)
      throws TaskException, IOException, InterruptedException {
    Program program = wanted(request.program());
    return WasmSpec.guest(request, program, compiled(program))
        .setPolicy(WasmPolicy.told(policy))
        .build();
  }

  /// The guest of an exec.
  ///
  /// @param container the id of its container
  CreateRequest exec(String container, ExecRequest request)
      throws TaskException, InterruptedException {
    WasmSpec.check(request);
    Program program = wanted(request.program());
    try {
      return WasmSpec.exec(container, request, program, compiled(program));
    } catch (IOException e) {
      throw new TaskException(
          Code.UNKNOWN,
          "cannot exec `%s` in container %s: %s"
              .formatted(program.path(), container, e.getMessage()),
          e);
    }
  }

  /// The code of a program that needs nothing of WebAssembly that the container may not use.
  private Path compiled(Program program) throws TaskException, IOException, InterruptedException {
    CompiledModule module = module(program);
    try {
      module.check(policy.features().orElse(NodePolicy.DEFAULT.features()));
    } catch (IllegalArgumentException e) {
      throw new TaskException(Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
    return module.code();
  }

  private CompiledModule module(Program program)
      throws TaskException, IOException, InterruptedException {
    if (program.layer().isPresent()) {
      return cache.compiled(program.layer().get());
    }
    try (var root = RootDirectory.open(directory);
        Fd module = root.open(program.path())) {
      return cache.compiled(module, program.path());
    }
  }

  private static Program wanted(Optional<Program> program) throws TaskException {
    return program.orElseThrow(() -> new TaskException(Code.INVALID_ARGUMENT, "no module"));
  }
}
