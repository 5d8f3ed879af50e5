package dev.krustlet.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Takes times in milliseconds.
final class Stopwatch {
  /// Something that takes time.
  @FunctionalInterface
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static final double NANOSECONDS = 1e6; // of a millisecond

  private final List<Double> laps = new ArrayList<>();
  private long start = System.nanoTime();

  void start() {
    start = System.nanoTime();
  }

  /// Ends a lap; the next begins with [#start].
  void stop() {
    laps.add((System.nanoTime() - start) / NANOSECONDS);
  }

  void time(Work work) throws IOException, InterruptedException {
    start();
    work.run();
    stop();
  }

  Distribution laps() {
    return Distribution.of(laps);
  }
}
