package dev.krustlet.shim.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// Waits for many descriptors on one thread, `poller`, and runs their callbacks there. So every
/// callback is short and never blocks.
public final class Poller implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Poller.class.getName());
  private static final Duration END = Duration.ofSeconds(5);
  private static final int BATCH = 64;
  private static final long WAKE = 0;

  private final Fd epoll;
  private final EventFd wake;
  private final Thread thread = Thread.ofPlatform().name("poller").daemon().unstarted(this::run);
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<Long, Runnable> callbacks = new HashMap<>();

  @GuardedBy("lock")
  private long lastToken = WAKE;

  @GuardedBy("lock")
  private boolean closed;

  private Poller(Fd epoll, EventFd wake) {
    this.epoll = epoll;
    this.wake = wake;
  }

  public static Poller start() throws IOException {
    var epoll = LibcEvents.epoll();
    try {
      var poller = new Poller(epoll, EventFd.create());
      LibcEvents.add(epoll, poller.wake.fd(), WAKE);
      poller.thread.start();
      return poller;
    } catch (IOException e) {
      epoll.close();
      throw e;
    }
  }

  /// Runs `callback` whenever there is something to read, an end of file or an error, and again as
  /// long as the callback leaves it there.
  public Registration onReadable(Fd fd, Runnable callback) throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new IOException("watch " + fd + ": the poller is closed");
      }
      long token = ++lastToken;
      LibcEvents.add(epoll, fd, token);
      callbacks.put(token, callback);
      return () -> remove(fd, token);
    } finally {
      lock.unlock();
    }
  }

  private void remove(Fd fd, long token) throws ErrnoException {
    lock.lock();
    try {
      if (callbacks.remove(token) != null && !closed) {
        LibcEvents.remove(epoll, fd);
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (!isClosed()) {
        for (long token : ready()) {
          deliver(token);
        }
      }
    } catch (IOException e) {
      LOG.log(Level.ERROR, "the poller ends: nothing is watched any more", e);
    }
  }

  private long[] ready() throws ErrnoException {
    try {
      return LibcEvents.await(epoll, BATCH);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EINTR) {
        return new long[0];
      }
      throw e;
    }
  }

  private void deliver(long token) {
    try {
      callback(token).run();
    } catch (RuntimeException | Error e) { // exits of all others come by this thread
      LOG.log(Level.ERROR, "a callback of the poller failed", e);
    }
  }

  private Runnable callback(long token) {
    lock.lock();
    try {
      return callbacks.getOrDefault(token, () -> {});
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /// Ends the thread; no callback runs afterwards. Idempotent. From a callback it works too.
  @Override
  public void close() throws IOException {
    if (!markClosed()) {
      return;
    }
    wake.signal();
    boolean ended = Thread.currentThread() == thread || joined();
    if (!ended) {
      throw new IOException("the poller's thread did not end within " + END);
    }
    epoll.close();
    wake.close();
  }

  private boolean joined() {
    try {
      return thread.join(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean markClosed() {
    lock.lock();
    try {
      boolean first = !closed;
      closed = true;
      callbacks.clear();
      return first;
    } finally {
      lock.unlock();
    }
  }
}
