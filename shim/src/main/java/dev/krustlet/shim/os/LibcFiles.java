package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.call;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// libc's calls about files, a typed method each.
final class LibcFiles {
  static final int AT_FDCWD = -100;
  static final int AT_EMPTY_PATH = 0x1000;

  private static final int PATH_MAX = 4096;
  private static final int STATX_SIZE = 256;

  private static final CFunction OPEN = CFunction.of("open");
  private static final CFunction OPENAT = CFunction.of("openat");
  private static final CFunction READ = CFunction.of("read");
  private static final CFunction PREAD = CFunction.of("pread");
  private static final CFunction WRITE = CFunction.of("write");
  private static final CFunction MKDIRAT = CFunction.of("mkdirat");
  private static final CFunction MKFIFO = CFunction.of("mkfifo");
  private static final CFunction CHMOD = CFunction.of("chmod");
  private static final CFunction READLINKAT = CFunction.of("readlinkat");
  private static final CFunction STATX = CFunction.of("statx");

  private LibcFiles() {}

  static Fd open(String path, int flags, int mode) throws ErrnoException {
    return new Fd(
        (int)
            call(
                "open",
                path,
                (arena, errno) -> OPEN.asInt(errno, Native.string(arena, path), flags, mode)));
  }

  static Fd openat(Fd directory, String name, int flags, int mode) throws ErrnoException {
    return new Fd(
        (int)
            call(
                "openat",
                name,
                (arena, errno) ->
                    OPENAT.asInt(
                        errno, directory.number(), Native.string(arena, name), flags, mode)));
  }

  static byte[] read(Fd fd, int n) throws ErrnoException {
    var bytes = new byte[n];
    long count =
        call(
            "read",
            fd,
            (arena, errno) -> {
              var buffer = arena.allocate(n);
              long got = READ.asLong(errno, fd.number(), buffer.address(), n);
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
              long got = PREAD.asLong(errno, fd.number(), buffer.address(), room, offset);
              buffer.asByteBuffer().get(bytes, offset, (int) Math.max(0, got));
              return got;
            });
  }

  /// Writes at least the first of the bytes.
  ///
  /// @return how many
  static int write(Fd fd, byte[] bytes) throws ErrnoException {
    return (int)
        call(
            "write",
            fd,
            (arena, errno) -> {
              var buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
              return WRITE.asLong(errno, fd.number(), buffer.address(), bytes.length);
            });
  }

  static void mkdirat(Fd directory, String name, int mode) throws ErrnoException {
    call(
        "mkdir",
        name,
        (arena, errno) ->
            MKDIRAT.asInt(errno, directory.number(), Native.string(arena, name), mode));
  }

  static void mkfifo(String path, int mode) throws ErrnoException {
    call("mkfifo", path, (arena, errno) -> MKFIFO.asInt(errno, Native.string(arena, path), mode));
  }

  static void chmod(String path, int mode) throws ErrnoException {
    call("chmod", path, (arena, errno) -> CHMOD.asInt(errno, Native.string(arena, path), mode));
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
              long got = READLINKAT.asLong(errno, directory, path, buffer.address(), PATH_MAX);
              buffer.asByteBuffer().get(target);
              return got;
            });
    return new String(target, 0, (int) length, StandardCharsets.UTF_8);
  }

  /// @param mask what the kernel is asked for
  /// @param read makes of the kernel's answer what the caller wants
  static <T> T statx(
      int directory,
      String path,
      int flags,
      int mask,
      Object subject,
      Function<MemorySegment, T> read)
      throws ErrnoException {
    var answer = new AtomicReference<@Nullable T>();
    call(
        "stat",
        subject,
        (arena, errno) -> {
          var out = arena.allocate(STATX_SIZE, Long.BYTES);
          long name = Native.string(arena, path);
          int result = STATX.asInt(errno, directory, name, flags, mask, out.address());
          answer.set(read.apply(out));
          return result;
        });
    return Objects.requireNonNull(answer.get());
  }
}
