package dev.krustlet.ttrpc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Writes whole frames, one at a time. A peer that does not read for [#PATIENCE] loses its
/// connection.
final class FrameWriter {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final SocketChannel channel;
  private final ScheduledExecutorService timer;
  private final ReentrantLock lock = new ReentrantLock();

  FrameWriter(SocketChannel channel, ScheduledExecutorService timer) {
    this.channel = channel;
    this.timer = timer;
  }

  ReentrantLock lock() {
    return lock;
  }

  void write(Frame frame) throws IOException {
    ByteBuffer bytes = frame.encode();
    lock.lock();
    try {
      Future<?> giveUp =
          timer.schedule(this::closeChannel, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } finally {
        giveUp.cancel(false);
      }
    } finally {
      lock.unlock();
    }
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException _) {
      // the connection is lost either way; its reader reports it
    }
  }
}
