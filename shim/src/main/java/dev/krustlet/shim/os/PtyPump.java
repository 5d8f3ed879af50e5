package dev.krustlet.shim.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Copies between the controlling end of a terminal and a process's streams, on a thread of its
/// own, until the terminal's other end is closed by all, or until it is told to.
///
/// It owns what it is given and closes it at the end. While a reader is slow it reads no more from
/// the terminal, so that the writer waits, as with a pipe.
public final class PtyPump implements AutoCloseable {
  /// How long it goes on.
  private enum Goal {
    /// Until all have closed the terminal's other end.
    HANG_UP,
    /// Until all is copied that was written there.
    QUIET,
    NOW
  }

  private static final System.Logger LOG = System.getLogger(PtyPump.class.getName());
  private static final Duration END = Duration.ofSeconds(5);

  private final PtyCopy copy;
  private final EventFd wake;
  private final Thread thread;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  private volatile Goal goal = Goal.HANG_UP;

  @GuardedBy("this")
  private boolean ended;

  private PtyPump(PtyCopy copy, EventFd wake, String name) {
    this.copy = copy;
    this.wake = wake;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /// @param in where the process's input comes from, not blocking; without it there is none
  /// @param out where its output goes, not blocking; without it, nowhere
  public static PtyPump start(Pty pty, Optional<Fd> in, Optional<Fd> out, String name)
      throws IOException {
    var pump = new PtyPump(new PtyCopy(pty, in, out), EventFd.create(), name);
    pump.thread.start();
    return pump;
  }

  /// From now on it ends when everything is copied that was written to the terminal before; whoever
  /// still holds the terminal then is hung up on. A slow reader is waited for.
  public void finish() throws IOException {
    hurry(Goal.QUIET);
  }

  private synchronized void hurry(Goal next) throws IOException {
    if (!ended) {
      goal = next;
      wake.signal();
    }
  }

  /// @return whether it has ended in time
  public boolean awaitEnd(Duration deadline) throws InterruptedException {
    try {
      done.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the end of a pump never fails", e);
    }
  }

  private void run() {
    try {
      boolean more = true;
      while (more) {
        more = step();
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, thread.getName() + " ends early, some bytes are lost", e);
    } finally {
      end();
    }
  }

  /// @return whether there is more to come
  private boolean step() throws IOException {
    Goal now = goal; // what was written before it was set is seen by this round's poll
    var poll = new Polling();
    poll.want(wake.fd(), Polling.IN);
    copy.prepare(poll);
    boolean mayEnd = now == Goal.QUIET && copy.isEven();
    if (mayEnd) {
      boolean _ = poll.await(Duration.ZERO);
    } else {
      poll.await();
    }
    if (poll.ready(wake.fd(), Polling.IN)) {
      long _ = wake.read();
    }
    return now != Goal.NOW && !(mayEnd && copy.isQuiet(poll)) && copy.move(poll);
  }

  private synchronized void end() {
    ended = true;
    try (wake) {
      copy.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, thread.getName() + " cannot close its streams", e);
    }
    done.complete(null);
  }

  /// Ends at once, whatever is still to be copied, and so hangs up. Idempotent.
  @Override
  public void close() throws IOException {
    hurry(Goal.NOW);
    try {
      if (!awaitEnd(END)) {
        throw new IOException(thread.getName() + " did not end within " + END);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
