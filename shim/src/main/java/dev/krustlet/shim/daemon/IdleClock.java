package dev.krustlet.shim.daemon;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// Decides when a daemon that serves nobody may leave.
///
/// @param timeout how long nothing must have happened
/// @param busy whether something is served right now
/// @param activity a count that grows with everything that happens, so that what comes and goes
///   between two looks counts as well
record IdleClock(Duration timeout, BooleanSupplier busy, LongSupplier activity) {
  private static final Duration LOOK = Duration.ofSeconds(10);

  /// Blocks until nothing has happened for the timeout.
  public void awaitIdle() throws InterruptedException {
    long seen = activity.getAsLong();
    long since = System.nanoTime();
    while (true) {
      Thread.sleep(timeout.compareTo(LOOK) < 0 ? timeout.dividedBy(4).plusMillis(1) : LOOK);
      long now = activity.getAsLong();
      if (busy.getAsBoolean() || now != seen) {
        seen = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since >= timeout.toNanos()) {
        return;
      }
    }
  }
}
