package dev.krustlet.command.cli;

import dev.krustlet.shim.policy.ByteSize;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// Shows on a terminal how far a transfer has come, once it takes long enough to wonder.
final class Transfer implements AutoCloseable {
  private static final Duration SILENT = Duration.ofSeconds(1);
  private static final Duration BETWEEN = Duration.ofMillis(200);

  private final PrintWriter out;
  private final String what;
  private final boolean shown;
  private long due = System.nanoTime() + SILENT.toNanos();
  private long total;
  private long done;
  private boolean written;

  /// @param what is being done, such as `pushing NAME`
  /// @param shown whether somebody sees it
  Transfer(PrintWriter out, String what, boolean shown) {
    this.out = out;
    this.what = what;
    this.shown = shown;
  }

  /// Whether standard error is a terminal.
  static boolean isSeen() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException _) {
      return false;
    }
  }

  synchronized void expect(long bytes) {
    total = bytes;
  }

  synchronized void advance(long bytes) {
    done += bytes;
    if (shown && System.nanoTime() - due > 0) {
      due = System.nanoTime() + BETWEEN.toNanos();
      written = true;
      out.printf("\r%s: %s of %s\033[K", what, ByteSize.readable(done), ByteSize.readable(total));
      out.flush();
    }
  }

  /// Leaves no half line behind.
  @Override
  public synchronized void close() {
    if (written) {
      out.print("\r\033[K");
      out.flush();
    }
  }
}
