package dev.krustlet.testbed;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Waiting for what other processes do, which tell nobody when they have done it.
public final class Await {
  private static final Duration STEP = Duration.ofMillis(20);

  /// Something that is so or not yet.
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private Await() {}

  /// Returns when the condition holds.
  ///
  /// @param what completes the sentence "waited 10 s in vain for …"
  public static void until(String what, Duration deadline, Condition condition)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + deadline.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new IOException("waited %d s in vain for %s".formatted(deadline.toSeconds(), what));
      }
      TimeUnit.NANOSECONDS.sleep(STEP.toNanos());
    }
  }
}
