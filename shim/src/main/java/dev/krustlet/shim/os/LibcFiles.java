package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.INT;
import static dev.krustlet.shim.os.Native.LONG;
import static dev.krustlet.shim.os.Native.POINTER;
import static dev.krustlet.shim.os.Native.call;
import static dev.krustlet.shim.os.Native.function;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// libc's calls about files and descriptors, a typed method each.
final class LibcFiles {
  static final int AT_FDCWD = -100;
  static final int AT_EMPTY_PATH = 0x1000;
  static final int STATX_BASIC_STATS = 0x7ff;
  static final int STATX_SIZE = 256;

  private static final int PATH_MAX = 4096;
  private static final MemoryLayout SIZE = LONG;

  private static final MethodHandle OPEN = Native.variadic("open", 2, INT, POINTER, INT, INT);
  private static final MethodHandle OPENAT =
      Native.variadic("openat", 3, INT, INT, POINTER, INT, INT);
  private static final MethodHandle CLOSE = function("close", INT, INT);
  private static final MethodHandle DUP2 = function("dup2", INT, INT, INT);
  private static final MethodHandle READ = function("read", LONG, INT, POINTER, SIZE);
  private static final MethodHandle PREAD = function("pread", LONG, INT, POINTER, SIZE, LONG);
  private static final MethodHandle WRITE = function("write", LONG, INT, POINTER, SIZE);
  private static final MethodHandle MKDIRAT = function("mkdirat", INT, INT, POINTER, INT);
  private static final MethodHandle MKFIFO = function("mkfifo", INT, POINTER, INT);
  private static final MethodHandle CHMOD = function("chmod", INT, POINTER, INT);
  private static final MethodHandle READLINKAT =
      function("readlinkat", LONG, INT, POINTER, POINTER, SIZE);
  private static final MethodHandle STATX = function("statx", INT, INT, POINTER, INT, INT, POINTER);

  private LibcFiles() {}

  static Fd open(String path, int flags, int mode) throws ErrnoException {
    return new Fd(
        (int)
            call(
                "open",
                path,
                (arena, errno) ->
                    (int) OPEN.invokeExact(errno, Native.string(arena, path), flags, mode)));
  }

  static Fd openat(Fd directory, String name, int flags, int mode) throws ErrnoException {
    return new Fd(
        (int)
            call(
                "openat",
                name,
                (arena, errno) ->
                    (int)
                        OPENAT.invokeExact(
                            errno, directory.number(), Native.string(arena, name), flags, mode)));
  }

  /// Linux frees the number whatever the answer is, so this is never tried twice.
  static void close(int number) throws ErrnoException {
    call("close", number, (_, errno) -> (int) CLOSE.invokeExact(errno, number));
  }

  static void dup2(Fd from, int to) throws ErrnoException {
    call("dup2", from, (_, errno) -> (int) DUP2.invokeExact(errno, from.number(), to));
  }

  static byte[] read(Fd fd, int n) throws ErrnoException {
    var bytes = new byte[n];
    long count =
        call(
            "read",
            fd,
            (arena, errno) -> {
              var buffer = arena.allocate(n);
              long got = (long) READ.invokeExact(errno, fd.number(), buffer, (long) n);
              buffer.asByteBuffer().get(bytes, 0, (int) Math.max(0, got));
              return got;
            });
    return Arrays.copyOf(bytes, (int) count);
  }

  /// Reads from the start of the file until `n` bytes are there or the file ends.
  static byte[] pread(Fd fd, int n) throws ErrnoException {
    var bytes = new byte[n];
    int filled = 0;
    int got;
    do {
      got = pread(fd, bytes, filled);
      filled += got;
    } while (got > 0 && filled < n);
    return Arrays.copyOf(bytes, filled);
  }

  private static int pread(Fd fd, byte[] bytes, int offset) throws ErrnoException {
    int room = bytes.length - offset;
    return (int)
        call(
            "read",
            fd,
            (arena, errno) -> {
              var buffer = arena.allocate(Math.max(1, room));
              long got =
                  (long) PREAD.invokeExact(errno, fd.number(), buffer, (long) room, (long) offset);
              buffer.asByteBuffer().get(bytes, offset, (int) Math.max(0, got));
              return got;
            });
  }

  static void write(Fd fd, byte[] bytes) throws ErrnoException {
    call(
        "write",
        fd,
        (arena, errno) -> {
          var buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
          return (long) WRITE.invokeExact(errno, fd.number(), buffer, (long) bytes.length);
        });
  }

  static void mkdirat(Fd directory, String name, int mode) throws ErrnoException {
    call(
        "mkdir",
        name,
        (arena, errno) ->
            (int) MKDIRAT.invokeExact(errno, directory.number(), Native.string(arena, name), mode));
  }

  static void mkfifo(String path, int mode) throws ErrnoException {
    call(
        "mkfifo",
        path,
        (arena, errno) -> (int) MKFIFO.invokeExact(errno, Native.string(arena, path), mode));
  }

  static void chmod(String path, int mode) throws ErrnoException {
    call(
        "chmod",
        path,
        (arena, errno) -> (int) CHMOD.invokeExact(errno, Native.string(arena, path), mode));
  }

  static String readlinkat(int directory, String name) throws ErrnoException {
    var target = new byte[PATH_MAX];
    long length =
        call(
            "readlink",
            name,
            (arena, errno) -> {
              var buffer = arena.allocate(PATH_MAX);
              var path = Native.string(arena, name);
              long size = PATH_MAX;
              long got = (long) READLINKAT.invokeExact(errno, directory, path, buffer, size);
              buffer.asByteBuffer().get(target);
              return got;
            });
    return new String(target, 0, (int) length, StandardCharsets.UTF_8);
  }

  static Stat statx(int directory, String path, int flags, Object subject) throws ErrnoException {
    var stat = new Stat[1];
    call(
        "stat",
        subject,
        (arena, errno) -> {
          var out = arena.allocate(STATX_SIZE, Long.BYTES);
          int result =
              (int)
                  STATX.invokeExact(
                      errno, directory, Native.string(arena, path), flags, STATX_BASIC_STATS, out);
          stat[0] = Stat.read(out);
          return result;
        });
    return stat[0];
  }
}
