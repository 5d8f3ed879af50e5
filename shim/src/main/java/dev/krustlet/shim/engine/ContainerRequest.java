package dev.krustlet.shim.engine;

import dev.krustlet.shim.oci.Annotations;
import dev.krustlet.shim.oci.Mount;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What containerd's Create asks for.
///
/// @param bundle the bundle directory, absolute; holds config.json and `rootfs`
/// @param spec config.json as it was read, once
/// @param rootfs what is to be mounted at `bundle/rootfs`, in order; empty if it is there already
/// @param options the options of the runtime as configured in containerd
/// @param program what is to run, once somebody has looked; a sandbox has none
public record ContainerRequest(
    String id,
    Path bundle,
    Spec spec,
    List<Mount> rootfs,
    Stdio stdio,
    RuntimeOptions options,
    Optional<Program> program) {
  public ContainerRequest {
    rootfs = List.copyOf(rootfs);
  }

  /// A request whose program nobody has looked for yet.
  public ContainerRequest(
      String id, Path bundle, Spec spec, List<Mount> rootfs, Stdio stdio, RuntimeOptions options) {
    this(id, bundle, spec, rootfs, stdio, options, Optional.empty());
  }

  public ContainerRequest running(Program found) {
    return new ContainerRequest(id, bundle, spec, rootfs, stdio, options, Optional.of(found));
  }

  public ContainerRequest writing(Stdio elsewhere) {
    return new ContainerRequest(id, bundle, spec, rootfs, elsewhere, options, program);
  }

  /// The bundle of its pod's sandbox, which containerd keeps beside the pod's others; a container
  /// outside Kubernetes has none.
  public Optional<Path> sandboxBundle() {
    return Annotations.sandboxId(spec).map(bundle::resolveSibling);
  }

  /// Where the container's root is mounted by the time an engine of one kind sees the request.
  public Path root() {
    return bundle.resolve("rootfs");
  }
}
