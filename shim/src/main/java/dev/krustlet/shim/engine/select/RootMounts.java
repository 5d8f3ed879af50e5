package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Mount;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.Mounts;
import dev.krustlet.shim.os.RootDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Mounts a container's root as containerd's snapshotter has it, or refuses it by name before
/// anything is mounted.
final class RootMounts {
  private RootMounts() {}

  static void make(ContainerRequest request) throws TaskException, IOException {
    for (Mount mount : request.rootfs()) {
      Optional<String> obstacle = obstacle(mount);
      if (obstacle.isPresent()) {
        throw new TaskException(
            Code.UNIMPLEMENTED,
            "the root of container %s has a mount of type '%s' %s"
                .formatted(request.id(), mount.type(), obstacle.get()));
      }
    }
    Files.createDirectories(request.root());
    for (Mount mount : request.rootfs()) {
      make(mount, request.root());
    }
  }

  private static void make(Mount mount, Path root) throws IOException {
    List<String> options = new ArrayList<>(mount.options());
    options.add("rprivate"); // what comes beneath is the container's alone
    if (mount.destination().isEmpty()) {
      Mounts.mount(mount.type(), mount.source(), root, options);
      return;
    }
    try (var directory = RootDirectory.open(root);
        Fd place = directory.locate(mount.destination())) {
      Mounts.mount(mount.type(), mount.source(), place.procPath(), options);
    }
  }

  /// What stands in the way of a mount that is no system call's to make.
  private static Optional<String> obstacle(Mount mount) {
    String type = mount.type();
    if (type.contains("/")) {
      return Optional.of(
          "that only containerd's mount manager knows; let containerd activate it, or use the overlayfs snapshotter");
    }
    if (type.equals("fuse") || type.startsWith("fuse.") || type.startsWith("fuse3.")) {
      return Optional.of("that needs the program mount.fuse; use the overlayfs snapshotter");
    }
    return mount.options().stream()
        .map(option -> option.split("=", 2)[0])
        .flatMap(name -> obstacle(name).stream())
        .findFirst();
  }

  private static Optional<String> obstacle(String option) {
    return switch (option) {
      case "loop" ->
          Optional.of(
              "with the option loop, which wants a loop device; use the overlayfs snapshotter");
      case "uidmap", "gidmap", "idmap", "ridmap" ->
          Optional.of(
              "with the option %s, and idmapped roots are not supported; leave out hostUsers: false"
                  .formatted(option));
      default ->
          option.startsWith("X-containerd.")
              ? Optional.of(
                  "with the option %s, which only containerd's mount manager knows"
                      .formatted(option))
              : Optional.empty();
    };
  }
}
