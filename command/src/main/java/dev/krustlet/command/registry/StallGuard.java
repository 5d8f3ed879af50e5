package dev.krustlet.command.registry;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Ends what does not get on: a peer may take no byte for ever, and writing to it has no deadline.
final class StallGuard implements AutoCloseable {
  private final Duration patience;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("stall-guard").daemon().factory());
  private volatile long last = System.nanoTime();
  private volatile boolean stalled;

  /// @param end called from another thread, once
  StallGuard(Duration patience, Runnable end) {
    this.patience = patience;
    long period = Math.max(1, patience.toMillis() / 10);
    var _ = clock.scheduleWithFixedDelay(() -> look(end), period, period, TimeUnit.MILLISECONDS);
  }

  private void look(Runnable end) {
    if (!stalled && System.nanoTime() - last > patience.toNanos()) {
      stalled = true;
      end.run();
    }
  }

  void progress() {
    last = System.nanoTime();
  }

  boolean stalled() {
    return stalled;
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
