package dev.krustlet.ttrpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Frames on their way out of a connection, in order and bounded in bytes, written by one thread of
/// its own: an interrupt that hit the channel in a caller's thread would close it for everybody.
///
/// A peer that reads nothing for as long as our patience lasts loses its connection.
final class FrameWriter {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final int MAX_QUEUED = 2 * Frame.MAX_DATA;
  private static final int STEP = 64 << 10; // keeps the JDK's cached direct buffers small
  private static final long IDLE = Long.MAX_VALUE;

  private final WritableByteChannel channel;
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Deque<ByteBuffer> queue = new ArrayDeque<>();

  @GuardedBy("lock")
  private long queued; // bytes in the queue and in the frame being written

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private @Nullable IOException cause; // of the end

  private volatile long waitingSince = IDLE; // by the writing thread, read by the timer

  FrameWriter(WritableByteChannel channel, Duration patience) {
    this.channel = channel;
    this.patience = patience;
  }

  void start(ScheduledExecutorService timer) {
    long period = Math.max(1, patience.toMillis() / 4);
    Future<?> watch =
        timer.scheduleWithFixedDelay(this::closeIfStuck, period, period, TimeUnit.MILLISECONDS);
    Thread.ofVirtual().name("ttrpc-writer").start(() -> run(watch));
  }

  /// Queues a frame, waiting for room until the connection ends, whether interrupted or not.
  void write(Frame frame) throws ClosedChannelException {
    lock.lock();
    try {
      while (!closed && queued >= MAX_QUEUED) {
        changed.awaitUninterruptibly();
      }
      add(frame.encode());
    } finally {
      lock.unlock();
    }
  }

  /// Queues a frame if there is room within that many nanoseconds.
  boolean offer(Frame frame, long nanos) throws ClosedChannelException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (!closed && queued >= MAX_QUEUED) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      add(frame.encode());
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until all is written, but no longer than that, nor beyond the end of the connection.
  void drain(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (!closed && queued > 0 && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Ends the connection; what is queued is dropped. The first cause counts.
  ///
  /// @param failure that ends it; null if it is closed on purpose
  void close(@Nullable IOException failure) {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        cause = failure;
      }
      queue.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      channel.close();
    } catch (IOException _) {
      // the connection is lost either way; its reader reports it
    }
  }

  /// The failure that ended the connection, if one did.
  @Nullable IOException cause() {
    lock.lock();
    try {
      return cause;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void add(ByteBuffer bytes) throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
    queue.add(bytes);
    queued += bytes.remaining();
    changed.signalAll();
  }

  private void run(Future<?> watch) {
    try {
      for (var bytes = next(); bytes.isPresent(); bytes = next()) {
        write(bytes.get());
      }
    } catch (IOException e) {
      close(e);
    } finally {
      watch.cancel(false);
      close(null);
    }
  }

  private Optional<ByteBuffer> next() {
    lock.lock();
    try {
      while (!closed && queue.isEmpty()) {
        changed.awaitUninterruptibly();
      }
      return Optional.ofNullable(queue.poll());
    } finally {
      lock.unlock();
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    try {
      while (bytes.position() < end) {
        waitingSince = System.nanoTime();
        channel.write(bytes.limit(Math.min(end, bytes.position() + STEP)));
      }
    } finally {
      waitingSince = IDLE;
    }
    written(end);
  }

  private void written(int count) {
    lock.lock();
    try {
      queued -= count;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void closeIfStuck() {
    long since = waitingSince;
    if (since != IDLE && System.nanoTime() - since > patience.toNanos()) {
      close(new IOException("the peer reads nothing for longer than " + patience));
    }
  }
}
