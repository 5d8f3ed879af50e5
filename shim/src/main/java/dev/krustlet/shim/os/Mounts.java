package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
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

  /// Takes away every mount at and beneath `path`, deepest first, busy ones too: those vanish from
  /// the tree at once and end with their last user. No symbolic link is followed. Nothing mounted
  /// is fine.
  public static void unmountTree(Path path) throws IOException {
    var root = MountInfo.bytes(path);
    if (root.equals("/")) {
      throw new IllegalArgumentException("unmount of everything");
    }
    var mounted = MountInfo.beneath(root);
    while (!mounted.isEmpty()) {
      var failure = unmountEach(mounted);
      var left = MountInfo.beneath(root);
      if (failure.isPresent() && left.size() >= mounted.size()) {
        throw failure.get();
      }
      mounted = left;
    }
  }

  /// A failure may heal in the next round: a mount can be hidden beneath another one.
  private static Optional<ErrnoException> unmountEach(List<String> mounted) {
    Optional<ErrnoException> first = Optional.empty();
    for (var point : mounted.stream().sorted(deepestFirst()).toList()) {
      try {
        unmount(point);
      } catch (ErrnoException e) {
        first = first.or(() -> Optional.of(e));
      }
    }
    return first;
  }

  private static Comparator<String> deepestFirst() {
    return Comparator.comparingLong((String p) -> p.chars().filter(c -> c == '/').count())
        .reversed();
  }

  /// The place is held open before, so that nobody can put a link there in between.
  private static void unmount(String point) throws ErrnoException {
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

  /// Those of them that a file system of this type is mounted at.
  public static List<Path> beneath(Path path, String type) throws IOException {
    return MountInfo.beneath(MountInfo.bytes(path), type).stream()
        .map(MountInfo::text)
        .map(Path::of)
        .toList();
  }

  public static boolean isMountPoint(Path path) throws IOException {
    var point = MountInfo.bytes(path);
    return MountInfo.beneath(point).contains(point);
  }
}
