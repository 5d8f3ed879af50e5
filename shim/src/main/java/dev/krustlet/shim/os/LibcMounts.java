package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.INT;
import static dev.krustlet.shim.os.Native.LONG;
import static dev.krustlet.shim.os.Native.POINTER;
import static dev.krustlet.shim.os.Native.call;
import static dev.krustlet.shim.os.Native.function;

import java.lang.invoke.MethodHandle;

/// libc's calls about mounts.
final class LibcMounts {
  static final int MNT_DETACH = 2;

  private static final MethodHandle MOUNT =
      function("mount", INT, POINTER, POINTER, POINTER, LONG, POINTER);
  private static final MethodHandle UMOUNT2 = function("umount2", INT, POINTER, INT);

  private LibcMounts() {}

  static void mount(String source, String target, String type, long flags, String data)
      throws ErrnoException {
    call(
        "mount",
        target,
        (arena, errno) ->
            (int)
                MOUNT.invokeExact(
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
        (arena, errno) -> (int) UMOUNT2.invokeExact(errno, Native.string(arena, target), flags));
  }
}
