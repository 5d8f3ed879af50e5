package dev.krustlet.shim.engine;

import dev.krustlet.shim.oci.Mount;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.Spec;
import java.nio.file.Path;
import java.util.List;

/// What containerd's Create asks for.
///
/// @param bundle the bundle directory, absolute; holds config.json and `rootfs`
/// @param spec config.json as it was read, once
/// @param rootfs what is to be mounted at `bundle/rootfs`, in order; empty if it is there already
/// @param options the options of the runtime as configured in containerd
public record ContainerRequest(
    String id, Path bundle, Spec spec, List<Mount> rootfs, Stdio stdio, RuntimeOptions options) {
  public ContainerRequest {
    rootfs = List.copyOf(rootfs);
  }

  /// Where the container's root is mounted by the time an engine of one kind sees the request.
  public Path root() {
    return bundle.resolve("rootfs");
  }
}
