package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.LONG;
import static dev.krustlet.shim.os.Native.call;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// System calls that libc has no function for on every system we run on. Their numbers are equal on
/// all architectures, as of every call newer than Linux 5.0.
final class Syscall {
  static final int RESOLVE_NO_MAGICLINKS = 0x02;
  static final int RESOLVE_NO_SYMLINKS = 0x04;
  static final int RESOLVE_BENEATH = 0x08;
  static final int RESOLVE_IN_ROOT = 0x10;

  static final int OPEN_TREE_CLONE = 1;
  static final int OPEN_TREE_CLOEXEC = OpenFlags.O_CLOEXEC;
  static final int AT_RECURSIVE = 0x8000;

  private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x04;
  private static final int MOVE_MOUNT_T_SYMLINKS = 0x10;

  private static final long PIDFD_OPEN = 434;
  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long OPEN_TREE = 428;
  private static final long MOVE_MOUNT = 429;
  private static final long OPENAT2 = 437;
  private static final long MOUNT_SETATTR = 442;
  private static final long LISTMOUNT = 458;

  private static final CFunction SYSCALL = CFunction.of("syscall");

  /// The five arguments of a call, with the memory they point to.
  @FunctionalInterface
  private interface Arguments {
    long[] in(Arena arena) throws ErrnoException;
  }

  private Syscall() {}

  private static long syscall(String operation, Object subject, long number, Arguments arguments)
      throws ErrnoException {
    return call(
        operation,
        subject,
        (arena, errno) -> {
          long[] a = arguments.in(arena);
          return SYSCALL.asLong(errno, number, a[0], a[1], a[2], a[3], a[4]);
        });
  }

  static Fd openat2(int directory, String path, long flags, long resolve) throws ErrnoException {
    return openat2(directory, path, StandardCharsets.UTF_8, flags, resolve);
  }

  static Fd openat2(int directory, String path, Charset charset, long flags, long resolve)
      throws ErrnoException {
    long number =
        syscall(
            "open",
            path,
            OPENAT2,
            arena -> {
              var how = longs(arena, flags, 0, resolve);
              long name = Native.string(arena, path, charset);
              return new long[] {directory, name, how.address(), how.byteSize(), 0};
            });
    return new Fd((int) number);
  }

  static Fd pidfdOpen(int pid) throws ErrnoException {
    return new Fd((int) syscall("pidfd_open", pid, PIDFD_OPEN, _ -> new long[] {pid, 0, 0, 0, 0}));
  }

  static void pidfdSendSignal(Fd pidfd, int signal) throws ErrnoException {
    syscall(
        "send a signal to",
        pidfd,
        PIDFD_SEND_SIGNAL,
        _ -> new long[] {pidfd.number(), signal, 0, 0, 0});
  }

  /// A detached copy of the mount at `path`.
  static Fd openTree(String path, int flags) throws ErrnoException {
    long all = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags;
    return new Fd(
        (int)
            syscall(
                "open_tree",
                path,
                OPEN_TREE,
                arena -> new long[] {LibcFiles.AT_FDCWD, Native.string(arena, path), all, 0, 0}));
  }

  /// Attaches a detached mount at `target`.
  static void moveMount(Fd tree, String target) throws ErrnoException {
    syscall(
        "mount at",
        target,
        MOVE_MOUNT,
        arena ->
            new long[] {
              tree.number(),
              Native.string(arena, ""),
              LibcFiles.AT_FDCWD,
              Native.string(arena, target),
              MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS
            });
  }

  static void mountSetattr(Fd tree, int flags, long set, long clear) throws ErrnoException {
    syscall(
        "mount_setattr",
        tree,
        MOUNT_SETATTR,
        arena -> {
          var attr = longs(arena, set, clear, 0, 0);
          long at = LibcFiles.AT_EMPTY_PATH | flags;
          return new long[] {
            tree.number(), Native.string(arena, ""), at, attr.address(), attr.byteSize()
          };
        });
  }

  /// Whether anything is mounted beneath a mount of this namespace, among what got its number after
  /// `after`. The kernel walks the mounts from that number on, and no others.
  static boolean hasMountsBeneath(long mount, long after) throws ErrnoException {
    long found =
        syscall(
            "listmount",
            mount,
            LISTMOUNT,
            arena -> {
              var request = longs(arena, 3L * Long.BYTES, mount, after); // its size comes first
              return new long[] {request.address(), longs(arena, 0).address(), 1, 0, 0};
            });
    return found > 0;
  }

  private static MemorySegment longs(Arena arena, long... values) {
    return arena.allocateFrom(LONG, values);
  }
}
