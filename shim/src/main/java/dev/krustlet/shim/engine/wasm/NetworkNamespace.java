package dev.krustlet.shim.engine.wasm;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.Linux;
import dev.krustlet.shim.oci.Spec;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.FileIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// The file by which a guest's thread joins its pod's network.
///
/// CRI gives a container the namespace of the pause container's process, `/proc/PID/ns/net`. To
/// open that, the engine would need the right to look into every process (CAP_SYS_PTRACE), which is
/// what it must not have. The pause container's own spec names the same namespace by the file that
/// CNI keeps it with, which anybody of root's may open.
final class NetworkNamespace {
  private static final Path OWN = Path.of("/proc/self/ns/net");

  private NetworkNamespace() {}

  /// Whether the container is to have one of its own, which its client finds by the pid and fills
  /// before Start. Containers of pods are never asked for like that.
  static boolean isNew(ContainerRequest request) {
    return request
        .spec()
        .linux()
        .namespace("network")
        .filter(network -> network.path().isEmpty())
        .isPresent();
  }

  /// Its path; empty for the network of the node, where a guest gets no sockets, and for a new one.
  static String of(ContainerRequest request) {
    String path = path(request.spec());
    if (!path.startsWith("/proc/")) {
      return path;
    }
    if (FileIdentity.isSameFile(OWN, Path.of(path))) {
      return ""; // a pod in the network of the node
    }
    return ofSandbox(request)
        .filter(kept -> FileIdentity.isSameFile(Path.of(kept), Path.of(path)))
        .orElse(path);
  }

  private static String path(Spec spec) {
    return spec.linux().namespace("network").map(Linux.Namespace::path).orElse("");
  }

  /// What the spec of the pod's sandbox says; its bundle is beside ours.
  private static Optional<String> ofSandbox(ContainerRequest request) {
    return request
        .sandboxBundle()
        .flatMap(NetworkNamespace::load)
        .map(NetworkNamespace::path)
        .filter(path -> !path.isEmpty());
  }

  private static Optional<Spec> load(Path bundle) {
    try {
      return Optional.of(Bundle.load(bundle));
    } catch (IOException | SpecException _) {
      return Optional.empty(); // then the engine is to say that it cannot open what it was given
    }
  }
}
