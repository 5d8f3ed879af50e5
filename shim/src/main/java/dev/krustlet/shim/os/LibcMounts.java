package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.call;

/// libc's calls about mounts.
final class LibcMounts {
  static final int MNT_DETACH = 2;

  private static final CFunction MOUNT = CFunction.of("mount");
  private static final CFunction UMOUNT2 = CFunction.of("umount2");

  private LibcMounts() {}

  static void mount(String source, String target, String type, long flags, String data)
      throws ErrnoException {
    call(
        "mount",
        target,
        (arena, errno) ->
            MOUNT.asInt(
                errno,
                Native.string(arena, source),
                Native.string(arena, target),
                Native.string(arena, type),
                flags,
                Native.string(arena, data)));
  }

  static void umount2(String target, int flags) throws ErrnoException {
    call(
        "umount",
        target,
        (arena, errno) -> UMOUNT2.asInt(errno, Native.string(arena, target), flags));
  }
}
