package dev.krustlet.shim.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/// The controlling end of a pseudo terminal. Closing it hangs up on the processes at the other end.
public final class Pty implements AutoCloseable {
  /// What ends the input of a terminal's reader (VEOF), unless it has chosen another character.
  static final byte END_OF_INPUT = 4;

  private static final int TIOCSWINSZ = 0x5414;
  private static final int WINSIZE_SIZE = 8;
  private static final int COLUMNS = 2;

  private final Fd fd;

  @GuardedBy("this")
  private boolean closed;

  private Pty(Fd fd) {
    this.fd = fd;
  }

  /// Takes over a descriptor that is the controlling end of a terminal.
  public static Pty of(Fd fd) throws IOException {
    LibcDescriptors.setFlags(fd, OpenFlags.O_NONBLOCK);
    return new Pty(fd);
  }

  Fd fd() {
    return fd;
  }

  /// Tells the processes at the other end how large their terminal is (SIGWINCH). Nothing happens
  /// once it is closed.
  public synchronized void resize(int columns, int rows) throws IOException {
    if (closed) {
      return;
    }
    try (var arena = Arena.ofConfined()) {
      var size = arena.allocate(WINSIZE_SIZE, Long.BYTES);
      size.set(ValueLayout.JAVA_SHORT, 0, (short) rows);
      size.set(ValueLayout.JAVA_SHORT, COLUMNS, (short) columns);
      LibcDescriptors.ioctl("resize", fd, TIOCSWINSZ, size);
    }
  }

  @Override
  public synchronized void close() throws ErrnoException {
    closed = true;
    fd.close();
  }
}
