package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.LONG;
import static dev.krustlet.shim.os.Native.call;

import java.util.OptionalLong;

/// libc's calls about mounts.
final class LibcMounts {
  static final int MNT_DETACH = 2;
  static final int UMOUNT_NOFOLLOW = 8;

  static final long PROC_SUPER_MAGIC = 0x9fa0;

  private static final int STATX_MNT_ID_UNIQUE = 0x4000;
  private static final int STATX_MNT_ID_OFFSET = 144;
  private static final int STATFS_SIZE = 256; // more than any architecture's

  private static final CFunction MOUNT = CFunction.of("mount");
  private static final CFunction UMOUNT2 = CFunction.of("umount2");
  private static final CFunction FSTATFS = CFunction.of("fstatfs");

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

  /// The magic number of the file system that a file is on. The file need not be open for reading.
  static long fileSystem(Fd fd) throws ErrnoException {
    var type = new long[1];
    call(
        "statfs",
        fd,
        (arena, errno) -> {
          var out = arena.allocate(STATFS_SIZE, Long.BYTES);
          int result = FSTATFS.asInt(errno, fd.number(), out.address());
          type[0] = out.get(LONG, 0);
          return result;
        });
    return type[0];
  }

  /// The number of the mount that a file was opened by, which no other mount ever has. Empty before
  /// Linux 6.8.
  static OptionalLong uniqueId(Fd fd) throws ErrnoException {
    return LibcFiles.statx(
        fd.number(),
        "",
        LibcFiles.AT_EMPTY_PATH,
        STATX_MNT_ID_UNIQUE,
        fd,
        answer ->
            (answer.get(Native.INT, 0) & STATX_MNT_ID_UNIQUE) != 0
                ? OptionalLong.of(answer.get(LONG, STATX_MNT_ID_OFFSET))
                : OptionalLong.empty());
  }
}
