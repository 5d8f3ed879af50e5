package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Workers that make containers live and die until they are told to stop.
final class Crowd implements AutoCloseable {
  private static final Duration LAST_TRIAL = Duration.ofMinutes(3);

  private final Yard yard;
  private final int size;
  private final ExecutorService threads;
  private final List<Future<Boolean>> working = new ArrayList<>();
  private volatile boolean stopping;

  Crowd(Yard yard, int size) {
    this.yard = yard;
    this.size = size;
    this.threads =
        Executors.newFixedThreadPool(size, Thread.ofPlatform().name("worker-", 0).factory());
  }

  void start() {
    stopping = false;
    for (int i = 0; i < size; i++) {
      Random random = yard.random();
      working.add(threads.submit(() -> work(random)));
    }
  }

  /// One container after the other, now and then again one of the same name.
  private boolean work(Random random) throws IOException, InterruptedException {
    String id = yard.newId();
    while (!stopping) {
      long since = System.nanoTime();
      yard.trial(id, Workload.any(random)).live(random);
      // What is told of a container after a crash tells no pid: then nobody else has its name.
      boolean told = !yard.disturbances().since(since).contains(Damage.ALL_LOST);
      id = told && random.nextInt(4) == 0 ? id : yard.newId();
    }
    return true;
  }

  /// Returns when all have brought their last container to its end.
  void stop() throws IOException, InterruptedException {
    stopping = true;
    try {
      for (Future<Boolean> each : working) {
        each.get(LAST_TRIAL.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (ExecutionException e) {
      throw new IOException("a worker has failed", e);
    } catch (TimeoutException e) {
      throw new IOException("a worker does not come to its end", e);
    }
    working.clear();
  }

  @Override
  public void close() {
    stopping = true;
    threads.shutdownNow();
  }
}
