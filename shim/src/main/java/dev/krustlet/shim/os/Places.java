package dev.krustlet.shim.os;

import java.nio.file.Path;

/// Mount targets: what they are called, and what happens to the mount on top of them.
final class Places {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private Places() {}

  /// The name of a target for people and for the kernel to resolve anew: that of the file if it is
  /// given by descriptor.
  static String name(Path target) throws ErrnoException {
    return target.startsWith(DESCRIPTORS)
        ? LibcFiles.readlinkat(LibcFiles.AT_FDCWD, target.toString())
        : target.toString();
  }

  /// @param top a path to the mount itself
  static void propagate(String top, MountOptions options) throws ErrnoException {
    if (options.propagation() != 0) {
      long depth = options.propagateRecursively() ? MountOptions.MS_REC : 0;
      LibcMounts.mount("none", top, "", options.propagation() | depth, "");
    }
  }
}
