package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.CreateRequest;
import dev.krustlet.proto.engine.v1.Limits;
import dev.krustlet.proto.engine.v1.Stdio;
import dev.krustlet.proto.engine.v1.User;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Program;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Process;
import java.nio.file.Path;

/// What an OCI spec means for a guest.
final class WasmSpec {
  /// What Linux gives a process by default, a quarter of its stack.
  private static final int MAX_ARGUMENTS = 2 << 20;

  private WasmSpec() {}

  /// Refuses by name what a guest cannot have.
  static void check(ContainerRequest request) throws TaskException {
    if (request.stdio().terminal() || request.spec().process().terminal()) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "container %s: a wasm container has no terminal (tty: true)".formatted(request.id()));
    }
    LifeHooks.check(request);
  }

  /// Refuses by name what an exec cannot have.
  static void check(ExecRequest request) throws TaskException {
    if (request.stdio().terminal() || request.process().value().terminal()) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "exec %s: a wasm container has no terminal (tty: true)".formatted(request.id()));
    }
  }

  /// The first guest of a container.
  static CreateRequest.Builder guest(ContainerRequest request, Program program, Path compiled)
      throws TaskException {
    return process(request.spec().process(), program, compiled, request.stdio())
        .setId(request.id())
        .setName(request.id())
        .setRootPath(request.root().toString())
        .setLimits(
            WasmLimits.merge(Limits.getDefaultInstance(), request.spec().linux().resources()))
        .setNetworkNamespace(NetworkNamespace.of(request))
        .setNewNetwork(NetworkNamespace.isNew(request))
        .setInterfaces(WasmInterfaces.of(request));
  }

  /// A guest that joins a running container.
  static CreateRequest exec(String container, ExecRequest request, Program program, Path compiled)
      throws TaskException {
    return process(request.process().value(), program, compiled, request.stdio())
        .setId(container + "/" + request.id())
        .setName(request.id())
        .setContainer(container)
        .build();
  }

  private static CreateRequest.Builder process(
      Process process, Program program, Path compiled, dev.krustlet.shim.engine.Stdio stdio)
      throws TaskException {
    if (process.argumentBytes() > MAX_ARGUMENTS) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "`%s`: args and env take %d bytes, and a wasm container may have %d; shorten them"
              .formatted(program.path(), process.argumentBytes(), MAX_ARGUMENTS));
    }
    return CreateRequest.newBuilder()
        .setCompiledPath(compiled.toString())
        .setEntrypoint(program.export())
        .addAllArgs(process.args())
        .addAllEnv(process.env())
        .setCwd(process.cwd())
        .setUser(user(process))
        .setStdio(
            Stdio.newBuilder()
                .setStdin(dev.krustlet.shim.engine.Stdio.file(stdio.stdin()))
                .setStdout(dev.krustlet.shim.engine.Stdio.file(stdio.stdout()))
                .setStderr(dev.krustlet.shim.engine.Stdio.file(stdio.stderr())));
  }

  private static User user(Process process) {
    return User.newBuilder()
        .setUid(process.user().uid())
        .setGid(process.user().gid())
        .addAllAdditionalGids(process.user().additionalGids())
        .addAllCapabilities(process.capabilities().held(process.user().uid()))
        .build();
  }
}
