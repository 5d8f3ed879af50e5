package dev.krustlet.shim.os;

import java.io.IOException;
import java.util.Optional;

/// The two directions between a terminal and a process's streams. One thread's alone.
final class PtyCopy implements AutoCloseable {
  private final Pty pty;
  private final Optional<Fd> out;
  private final Pending input = new Pending();
  private final Pending output = new Pending();
  private Optional<Fd> in;
  private boolean lineBegun;

  PtyCopy(Pty pty, Optional<Fd> in, Optional<Fd> out) {
    this.pty = pty;
    this.in = in;
    this.out = out;
  }

  /// Says what to wait for.
  void prepare(Polling poll) {
    poll.want(pty.fd(), (output.isEmpty() ? Polling.IN : 0) | (input.isEmpty() ? 0 : Polling.OUT));
    if (in.isPresent() && input.isEmpty()) {
      poll.want(in.get(), Polling.IN);
    }
    if (out.isPresent() && !output.isEmpty()) {
      poll.want(out.get(), Polling.OUT);
    }
  }

  /// Whether all that was read from the terminal is written.
  boolean isEven() {
    return output.isEmpty();
  }

  boolean isQuiet(Polling poll) {
    return !readable(poll);
  }

  private boolean readable(Polling poll) {
    return poll.ready(pty.fd(), Polling.IN);
  }

  /// Moves what can be moved.
  ///
  /// @return false once the terminal is at its end
  boolean move(Polling poll) throws IOException {
    moveInput(poll);
    return moveOutput(poll);
  }

  private void moveInput(Polling poll) throws IOException {
    if (in.isPresent() && input.isEmpty() && poll.ready(in.get(), Polling.IN)) {
      readInput(in.get());
    }
    if (!input.isEmpty()) {
      input.drain(pty.fd());
    }
  }

  /// A terminal knows no end of file; a reader is told by a character. It ends a line that was
  /// begun, and at the beginning of a line it is the end.
  private void readInput(Fd from) throws IOException {
    if (input.fill(from)) {
      lineBegun = input.isEmpty() ? lineBegun : input.last() != '\n';
      return;
    }
    in = Optional.empty();
    from.close();
    input.put(
        lineBegun
            ? new byte[] {Pty.END_OF_INPUT, Pty.END_OF_INPUT}
            : new byte[] {Pty.END_OF_INPUT});
  }

  private boolean moveOutput(Polling poll) throws IOException {
    if (output.isEmpty() && readable(poll) && !output.fill(pty.fd())) {
      return false;
    }
    if (out.isEmpty()) {
      output.drop();
    } else if (!output.isEmpty()) {
      output.drain(out.get());
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    try (pty) {
      if (in.isPresent()) {
        in.get().close();
      }
    } finally {
      if (out.isPresent()) {
        out.get().close();
      }
    }
  }
}
