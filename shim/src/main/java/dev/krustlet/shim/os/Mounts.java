package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Mounts in this process's mount namespace. Needs root, and Linux 5.6 or newer.
public final class Mounts {
  private Mounts() {}

  /// Mounts `source` at `target`, which may be the [Fd#procPath] of a place held open: then no name
  /// is resolved again.
  ///
  /// Of a bind mount the attributes (`ro`, `nosuid`, …) hold from the moment it can be seen, and
  /// for `rbind` in everything beneath too (before Linux 5.12: a moment later). A bind mount takes
  /// no data; what is no flag among the options of another type is data for its file system.
  ///
  /// @param type file system type; `bind`, or anything with the option `bind` or `rbind`, for a
  ///   bind mount
  /// @param options as in fstab
  public static void mount(String type, String source, Path target, List<String> options)
      throws IOException {
    var parsed = MountOptions.parse(type, options);
    if (parsed.remount()) {
      remount(target, parsed);
    } else if (parsed.bind()) {
      BindMount.make(source, target, parsed);
    } else {
      FileSystemMount.make(type, source, target, parsed);
    }
  }

  private static void remount(Path target, MountOptions options) throws IOException {
    long bind = options.bind() ? MountOptions.MS_BIND : 0;
    long flags = MountOptions.MS_REMOUNT | bind | options.flags();
    LibcMounts.mount("none", target.toString(), "", flags, String.join(",", options.data()));
  }

  /// Makes a bind mount, as [#mount] does.
  ///
  /// @return whether it brought other mounts along, those beneath its source; true as well where
  ///   the kernel cannot tell (before Linux 6.8)
  public static boolean bind(String source, Path target, List<String> options) throws IOException {
    return BindMount.make(source, target, MountOptions.parse("bind", options));
  }

  /// Takes away every mount at `path` with all that is mounted beneath it, busy ones too: those
  /// vanish from the tree at once and end with their last user. Nothing mounted is fine. Costs the
  /// same whatever else the node has mounted.
  ///
  /// @param path of trusted parents; the path itself is not followed if it is a symbolic link
  public static void unmountTree(Path path) throws IOException {
    if (path.toAbsolutePath().normalize().getParent() == null) {
      throw new IllegalArgumentException("unmount of everything");
    }
    int flags = LibcMounts.MNT_DETACH | LibcMounts.UMOUNT_NOFOLLOW;
    boolean more = true;
    while (more) {
      more = wasMounted(path.toString(), flags); // one may be stacked upon another
    }
  }

  private static boolean wasMounted(String point, int flags) throws ErrnoException {
    try {
      LibcMounts.umount2(point, flags);
      return true;
    } catch (ErrnoException e) {
      return switch (e.errno()) {
        case Errno.EINVAL, Errno.ENOENT, Errno.ENOTDIR -> false; // no mount point, or not there
        default -> throw e;
      };
    }
  }

  /// Takes away every mount of one type of file system at and beneath `path`, each with all that is
  /// mounted beneath it. Reads the table of all mounts of the node. No symbolic link is followed:
  /// what is beneath may change hands meanwhile.
  public static void unmountAll(Path path, String type) throws IOException {
    var root = MountInfo.bytes(path);
    var mounted = MountInfo.beneath(root, type);
    while (!mounted.isEmpty()) {
      var failure = unmountEach(mounted.reversed()); // parents stand before what is beneath them
      var left = MountInfo.beneath(root, type);
      if (failure.isPresent() && left.size() >= mounted.size()) {
        throw failure.get();
      }
      mounted = left;
    }
  }

  /// A failure may heal in the next round: a mount can be hidden beneath another one.
  private static Optional<ErrnoException> unmountEach(List<String> points) {
    Optional<ErrnoException> first = Optional.empty();
    for (var point : points) {
      try {
        unmountHeld(point);
      } catch (ErrnoException e) {
        first = first.or(() -> Optional.of(e));
      }
    }
    return first;
  }

  /// The place is held open before, so that nobody can put a link there in between.
  private static void unmountHeld(String point) throws ErrnoException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    try (var place =
        Syscall.openat2(
            LibcFiles.AT_FDCWD,
            point,
            StandardCharsets.ISO_8859_1,
            flags,
            Syscall.RESOLVE_NO_SYMLINKS)) {
      LibcMounts.umount2(place.procPath().toString(), LibcMounts.MNT_DETACH);
    }
  }

  /// The mount points at and beneath `path`, each as often as something is mounted there.
  public static List<Path> beneath(Path path) throws IOException {
    return MountInfo.beneath(MountInfo.bytes(path)).stream()
        .map(MountInfo::text)
        .map(Path::of)
        .toList();
  }

  public static boolean isMountPoint(Path path) throws IOException {
    var point = MountInfo.bytes(path);
    return MountInfo.beneath(point).contains(point);
  }
}
