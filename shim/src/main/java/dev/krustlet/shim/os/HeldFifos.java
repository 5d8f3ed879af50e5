package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.call;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The output fifos of a process, held open in both directions for the sake of their reader: one
/// that goes and comes again breaks no write, and one that comes late misses nothing. A pipe that
/// nobody has open forgets what is in it, and a process can have ended before containerd, which
/// opens its end in the background, has got to it.
public final class HeldFifos implements AutoCloseable {
  /// How long the end of a process may be kept back for a reader that does not come or does not
  /// read; less than the second in which a signal has to have its effect.
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private static final int FIONREAD = 0x541b;
  private static final CFunction IOCTL = CFunction.of("ioctl");

  @GuardedBy("this")
  private final List<Fd> fds;

  private HeldFifos(List<Fd> fds) {
    this.fds = fds;
  }

  /// Opens those of the targets that are fifos.
  public static HeldFifos of(List<Path> targets) throws IOException {
    var fds = new ArrayList<Fd>();
    var held = new HeldFifos(fds);
    try {
      for (Path each : targets) {
        if (Fifos.isFifo(each)) {
          fds.add(Fifos.openReadWrite(each));
        }
      }
      return held;
    } catch (IOException e) {
      held.close();
      throw e;
    }
  }

  /// Whether there is nothing that a reader would still have to take; so it is once they are
  /// closed.
  private synchronized boolean areRead() throws ErrnoException {
    for (Fd fd : fds) {
      if (unread(fd) > 0) {
        return false;
      }
    }
    return true;
  }

  /// Lets go, as soon as a reader has taken everything or could have: then it sees the end.
  public void letGo() throws ErrnoException, InterruptedException {
    letGo(PATIENCE);
  }

  void letGo(Duration patience) throws ErrnoException, InterruptedException {
    try {
      long end = System.nanoTime() + patience.toNanos();
      while (!areRead() && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
    } finally {
      close();
    }
  }

  private static int unread(Fd fd) throws ErrnoException {
    int[] bytes = new int[1];
    call(
        "count the unread bytes of",
        fd,
        (arena, errno) -> {
          var count = arena.allocate(Native.INT);
          long result = IOCTL.asInt(errno, fd.number(), FIONREAD, count.address());
          bytes[0] = count.get(Native.INT, 0);
          return result;
        });
    return bytes[0];
  }

  /// Lets go at once. Idempotent.
  @Override
  public synchronized void close() throws ErrnoException {
    for (Fd fd : fds) {
      fd.close();
    }
    fds.clear();
  }
}
