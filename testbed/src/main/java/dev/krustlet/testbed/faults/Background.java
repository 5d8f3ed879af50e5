package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Something that is done on a thread of its own.
final class Background implements AutoCloseable {
  private static final int DEADLINE = 120; // seconds

  private final FutureTask<Boolean> task;

  private Background(FutureTask<Boolean> task) {
    this.task = task;
  }

  static Background run(Callable<Boolean> work) {
    var background = new Background(new FutureTask<>(work));
    Thread.ofPlatform().daemon().name("background").start(background.task);
    return background;
  }

  boolean isDone() {
    return task.isDone();
  }

  /// Its result.
  boolean await() throws IOException, InterruptedException {
    try {
      return task.get(DEADLINE, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("what was done in the background did not end well", e);
    }
  }

  @Override
  public void close() {
    task.cancel(true); // does nothing to one that has ended
  }
}
