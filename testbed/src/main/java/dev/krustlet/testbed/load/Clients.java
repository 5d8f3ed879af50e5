package dev.krustlet.testbed.load;

import dev.krustlet.testbed.Await;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/// Many clients at once, until they are closed: then each has its last answer first.
final class Clients implements AutoCloseable {
  private final AtomicBoolean closed;
  private final Tally tally;
  private final List<Thread> threads;

  private Clients(AtomicBoolean closed, Tally tally, List<Thread> threads) {
    this.closed = closed;
    this.tally = tally;
    this.threads = threads;
  }

  static Clients start(int count, Rotation rotation, Tally tally) {
    var closed = new AtomicBoolean();
    List<Thread> threads =
        IntStream.range(0, count)
            .mapToObj(i -> {
              var client = new Client("client" + i, rotation, tally);
              return Thread.ofPlatform()
                  .name("client-" + i)
                  .start(() -> client.work(() -> !closed.get()));
            })
            .toList();
    return new Clients(closed, tally, threads);
  }

  /// Waits until so many more requests are answered.
  void awaitAnswers(int count) throws IOException, InterruptedException {
    long goal = tally.answered.get() + count;
    Await.until(
        "%d more answers; %s".formatted(count, tally.problems()),
        WebPods.SOON,
        () -> tally.answered.get() >= goal);
  }

  @Override
  public void close() {
    closed.set(true);
    for (Thread each : threads) {
      join(each);
    }
  }

  /// Each of its waits has a deadline of its own.
  private static void join(Thread client) {
    boolean interrupted = false;
    while (client.isAlive()) {
      try {
        client.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
