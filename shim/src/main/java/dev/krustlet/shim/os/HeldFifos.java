package dev.krustlet.shim.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// The output fifos of a process, held open in both directions for the sake of their reader: one
/// that goes and comes again breaks no write, and one that comes late misses nothing. A pipe that
/// nobody has open forgets what is in it, and a process can have ended before containerd, which
/// opens its end in the background, has got to it.
public final class HeldFifos implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HeldFifos.class.getName());

  /// How long the end of a process may be kept back for a reader that does not come or does not
  /// read; less than the second in which a signal has to have its effect.
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /// How long what is unread is still held when the process is deleted, for a reader that comes
  /// back: as long as a restart of containerd may take.
  private static final Duration LAST_CHANCE = Duration.ofSeconds(10);

  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(250);

  private static final int FIONREAD = 0x541b;

  @GuardedBy("this")
  private final List<Fd> fds;

  /// Of [System#nanoTime]; none as long as a reader may take all the time it needs.
  @GuardedBy("this")
  private OptionalLong deadline = OptionalLong.empty();

  @GuardedBy("this")
  private boolean lettingGo;

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

  /// The process has ended: lets go as soon as a reader has taken everything, which then sees the
  /// end. Returns by then or a little later than it could have: what a reader that is away has not
  /// taken stays held until it has, or until [#close].
  public void letGo() throws ErrnoException, InterruptedException {
    letGo(PATIENCE);
  }

  void letGo(Duration patience) throws ErrnoException, InterruptedException {
    synchronized (this) {
      lettingGo = true;
    }
    long end = System.nanoTime() + patience.toNanos();
    boolean read = areRead();
    while (!read && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(1);
      read = areRead();
    }
    if (read) {
      closeNow();
    } else {
      Thread.ofVirtual().name("held-fifos").start(this::holdOn);
    }
  }

  private void holdOn() {
    try {
      long pause = TimeUnit.MILLISECONDS.toNanos(1);
      while (!isOver()) {
        TimeUnit.NANOSECONDS.sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
      closeNow();
    } catch (ErrnoException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot let go of outputs", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isOver() throws ErrnoException {
    boolean late = deadline.isPresent() && System.nanoTime() - deadline.getAsLong() > 0;
    return late || areRead();
  }

  private static int unread(Fd fd) throws ErrnoException {
    try (var arena = Arena.ofConfined()) {
      var count = arena.allocate(Native.INT);
      LibcDescriptors.ioctl("count the unread bytes of", fd, FIONREAD, count);
      return count.get(Native.INT, 0);
    }
  }

  /// Lets go at once, but for what a process that has ended wrote and its reader has not taken:
  /// that is held for seconds more, while nobody waits for it. Idempotent.
  @Override
  public void close() throws ErrnoException {
    close(LAST_CHANCE);
  }

  synchronized void close(Duration lastChance) throws ErrnoException {
    if (!lettingGo || areRead()) {
      closeNow();
    } else if (deadline.isEmpty()) {
      deadline = OptionalLong.of(System.nanoTime() + lastChance.toNanos());
    }
  }

  private synchronized void closeNow() throws ErrnoException {
    for (Fd fd : fds) {
      fd.close();
    }
    fds.clear();
  }
}
