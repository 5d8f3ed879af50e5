package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.INT;
import static dev.krustlet.shim.os.Native.call;

import java.lang.foreign.MemorySegment;

/// libc's calls about descriptors, whatever they are of.
final class LibcDescriptors {
  private static final int F_SETFL = 4;

  private static final CFunction CLOSE = CFunction.of("close");
  private static final CFunction DUP2 = CFunction.of("dup2");
  private static final CFunction FCNTL = CFunction.of("fcntl");
  private static final CFunction IOCTL = CFunction.of("ioctl");
  private static final CFunction PIPE2 = CFunction.of("pipe2");

  /// Both ends of a pipe.
  record Pipe(Fd reading, Fd writing) {}

  private LibcDescriptors() {}

  /// Linux frees the number whatever the answer is, so this is never tried twice.
  static void close(int number) throws ErrnoException {
    call("close", number, (_, errno) -> CLOSE.asInt(errno, number));
  }

  static void dup2(Fd from, int to) throws ErrnoException {
    call("dup2", from, (_, errno) -> DUP2.asInt(errno, from.number(), to));
  }

  static void setFlags(Fd fd, int flags) throws ErrnoException {
    call("set flags of", fd, (_, errno) -> FCNTL.asInt(errno, fd.number(), F_SETFL, flags));
  }

  /// @param argument what the device reads or writes
  static void ioctl(String operation, Fd fd, int request, MemorySegment argument)
      throws ErrnoException {
    call(operation, fd, (_, errno) -> IOCTL.asInt(errno, fd.number(), request, argument.address()));
  }

  static Pipe pipe() throws ErrnoException {
    var ends = new int[2];
    call(
        "make a",
        "pipe",
        (arena, errno) -> {
          var both = arena.allocate(INT, ends.length);
          int result = PIPE2.asInt(errno, both.address(), OpenFlags.O_CLOEXEC);
          ends[0] = both.getAtIndex(INT, 0);
          ends[1] = both.getAtIndex(INT, 1);
          return result;
        });
    return new Pipe(new Fd(ends[0]), new Fd(ends[1]));
  }
}
