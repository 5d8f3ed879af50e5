package dev.krustlet.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The same work by many at once.
final class Crowd {
  private static final double NANOSECONDS = 1e9; // of a second

  private Crowd() {}

  /// Returns how long it took until the last of them was through.
  static double seconds(int workers, Stopwatch.Work work) throws IOException, InterruptedException {
    try (var pool =
        Executors.newFixedThreadPool(workers, Thread.ofPlatform().name("worker-", 0).factory())) {
      List<Future<Void>> started = new ArrayList<>();
      long start = System.nanoTime();
      for (int i = 0; i < workers; i++) {
        started.add(
            pool.submit(() -> {
              work.run();
              return null;
            }));
      }
      for (Future<Void> each : started) {
        await(each);
      }
      return (System.nanoTime() - start) / NANOSECONDS;
    }
  }

  private static void await(Future<Void> worker) throws IOException, InterruptedException {
    try {
      worker.get();
    } catch (ExecutionException e) {
      throw new IOException("one of those at once failed: " + e.getCause(), e);
    }
  }
}
