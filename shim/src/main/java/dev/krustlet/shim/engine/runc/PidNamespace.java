package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.Linux;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.FileIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Keeps a container of a pod out of the node's processes unless its pod is meant to see them.
///
/// A container can be told to join the processes of another one of its pod (`kubectl debug
/// --target`). CRI gives it `/proc/PID/ns/pid` of that one's task then, and the task of a wasm
/// container is a thread of the engine, which is in the node's namespace.
final class PidNamespace {
  private static final Path NODES = Path.of("/proc/self/ns/pid");

  private PidNamespace() {}

  /// Refuses the node's namespace by a path, where the pod's sandbox has one of its own.
  static void check(ContainerRequest request) throws TaskException {
    Optional<String> joined =
        request
            .spec()
            .linux()
            .namespace("pid")
            .map(Linux.Namespace::path)
            .filter(p -> !p.isEmpty());
    Optional<Path> sandbox = request.sandboxBundle();
    if (joined.filter(PidNamespace::isNodes).isPresent()
        && sandbox.isPresent()
        && !sharesNodes(sandbox.get())) {
      throw new TaskException(
          Code.FAILED_PRECONDITION,
          ("container %s cannot join the processes of its target, which is a wasm container and has"
                  + " none of its own: leave the target out (`kubectl debug` without --target), or"
                  + " name a native container")
              .formatted(request.id()));
    }
  }

  /// The namespace of a target that has ended is nobody's, as runc is going to say.
  private static boolean isNodes(String path) {
    return FileIdentity.isSameFile(NODES, Path.of(path));
  }

  /// Whether the pod was made with `hostPID`. One whose spec nobody can read was not.
  private static boolean sharesNodes(Path sandbox) {
    try {
      return Bundle.load(sandbox)
          .linux()
          .namespace("pid")
          .filter(own -> own.path().isEmpty() || !isNodes(own.path()))
          .isEmpty();
    } catch (IOException | SpecException _) {
      return false;
    }
  }
}
