package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.CreateRequest;
import dev.krustlet.proto.engine.v1.Limits;
import dev.krustlet.proto.engine.v1.Stdio;
import dev.krustlet.proto.engine.v1.User;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Program;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Process;
import dev.krustlet.shim.oci.Resources;
import java.net.URI;
import java.nio.file.Path;

/// What an OCI spec means for a guest.
final class WasmSpec {
  private WasmSpec() {}

  /// Refuses by name what a guest cannot have.
  static void check(ContainerRequest request) throws TaskException {
    if (request.stdio().terminal() || request.spec().process().terminal()) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "container %s: a wasm container has no terminal (tty: true)".formatted(request.id()));
    }
    if (!request.spec().hooks().isEmpty()) {
      throw new TaskException(
          Code.UNIMPLEMENTED,
          "container %s: hooks of the spec are not run for wasm containers"
              .formatted(request.id()));
    }
  }

  static CreateRequest guest(ContainerRequest request, Program program, Path compiled)
      throws TaskException {
    Process process = request.spec().process();
    return CreateRequest.newBuilder()
        .setId(request.id())
        .setName(request.id())
        .setCompiledPath(compiled.toString())
        .setEntrypoint(program.export())
        .addAllArgs(process.args())
        .addAllEnv(process.env())
        .setCwd(process.cwd())
        .setRootPath(request.root().toString())
        .setStdio(
            Stdio.newBuilder()
                .setStdin(path(request.stdio().stdin()))
                .setStdout(path(request.stdio().stdout()))
                .setStderr(path(request.stdio().stderr())))
        .setUser(user(process))
        .setLimits(limits(request.spec().linux().resources()))
        .setNetworkNamespace(NetworkNamespace.of(request))
        .build();
  }

  private static User user(Process process) {
    return User.newBuilder()
        .setUid(process.user().uid())
        .setGid(process.user().gid())
        .addAllAdditionalGids(process.user().additionalGids())
        .addAllCapabilities(process.capabilities().effective())
        .build();
  }

  private static Limits limits(Resources resources) {
    return Limits.newBuilder()
        .setMemoryBytes(Math.max(0, resources.memory().limit()))
        .setCpuQuotaUs(Math.max(0, resources.cpu().quota()))
        .setCpuPeriodUs(Math.max(0, resources.cpu().period()))
        .setCpuShares(Math.max(0, resources.cpu().shares()))
        .build();
  }

  private static String path(String target) throws TaskException {
    if (target.startsWith("file:")) {
      return URI.create(target).getPath();
    }
    if (target.contains("://")) {
      throw new TaskException(
          Code.UNIMPLEMENTED,
          "logging to %s is not supported: krustlet writes to fifos and file:// URIs"
              .formatted(target));
    }
    return target;
  }
}
