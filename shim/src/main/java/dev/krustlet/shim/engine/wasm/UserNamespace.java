package dev.krustlet.shim.engine.wasm;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Linux;
import dev.krustlet.shim.oci.Mount;
import java.util.Set;

/// User namespaces, which no guest can have: its thread acts with the ids of the spec as they are,
/// so that the container's root would be the node's on every volume.
final class UserNamespace {
  private static final Set<String> MAPPED = Set.of("idmap", "ridmap");

  private UserNamespace() {}

  static void refuse(ContainerRequest request) throws TaskException {
    Linux linux = request.spec().linux();
    if (linux.namespace("user").isPresent()
        || !linux.uidMappings().isEmpty()
        || !linux.gidMappings().isEmpty()) {
      throw new TaskException(
          Code.UNIMPLEMENTED,
          "container %s: a wasm container has no user namespace (linux.uidMappings); leave out hostUsers: false"
              .formatted(request.id()));
    }
    for (Mount mount : request.spec().mounts()) {
      if (mount.isMapped() || mount.options().stream().anyMatch(MAPPED::contains)) {
        throw new TaskException(
            Code.UNIMPLEMENTED,
            "container %s: mount %s is idmapped (uidMappings), which a wasm container cannot have"
                .formatted(request.id(), mount.destination()));
      }
    }
  }
}
