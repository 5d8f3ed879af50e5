package dev.krustlet.testbed;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Waiting for what other processes do, which tell nobody when they have done it.
public final class Await {
  private static final Duration STEP = Duration.ofMillis(20);

  /// How many times slower than usual this machine may be; an emulated one is.
  private static final int PATIENCE = Integer.getInteger("krustlet.patience", 1);

  /// Something that is so or not yet.
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private Await() {}

  /// A deadline as this machine may take it. To be asked once for each wait, where it is made.
  public static Duration patiently(Duration deadline) {
    return deadline.multipliedBy(PATIENCE);
  }

  /// Returns when the condition holds.
  ///
  /// @param what completes the sentence "waited 10 s in vain for …"
  public static void until(String what, Duration deadline, Condition condition)
      throws IOException, InterruptedException {
    until(what, deadline, STEP, condition);
  }

  /// The same for a condition that costs something to ask.
  ///
  /// @param pace the time between two questions
  public static void until(String what, Duration deadline, Duration pace, Condition condition)
      throws IOException, InterruptedException {
    Duration patience = patiently(deadline);
    long end = System.nanoTime() + patience.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new IOException("waited %d s in vain for %s".formatted(patience.toSeconds(), what));
      }
      TimeUnit.NANOSECONDS.sleep(pace.toNanos());
    }
  }
}
