package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;

/// A spec's `linux.cgroupsPath`, which two kinds of kubelets write in two ways: a path, or, with
/// systemd's driver, `slice:prefix:name`.
///
/// runc takes the second for a path as well if nobody tells it of systemd. The container then is in
/// a group of that name beside the pod's, where no limit of the pod holds and no figure is looked
/// for.
final class CgroupName {
  private static final int SYSTEMDS_PARTS = 3;

  private CgroupName() {}

  /// Refuses systemd's where the runtime's options do not say so. The other way round runc refuses
  /// by itself.
  static void check(ContainerRequest request) throws TaskException {
    String path = request.spec().linux().cgroupsPath();
    if (isSystemds(path) && !request.options().systemdCgroup()) {
      throw new TaskException(
          Code.FAILED_PRECONDITION,
          ("container %s: its cgroup `%s` is named for systemd, but the runtime is configured to"
                  + " make cgroups itself; set `SystemdCgroup = true` in the table `options` of the"
                  + " runtime (`…containerd.runtimes.krustlet.options`) in containerd's config")
              .formatted(request.id(), path));
    }
  }

  private static boolean isSystemds(String path) {
    return !path.startsWith("/") && path.split(":", -1).length == SYSTEMDS_PARTS;
  }
}
