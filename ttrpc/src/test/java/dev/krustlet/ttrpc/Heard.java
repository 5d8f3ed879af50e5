package dev.krustlet.ttrpc;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Keeps what an observer is told, in order, with connections by the order they came in.
final class Heard implements Observer {
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final Map<Long, Integer> connections = new HashMap<>();
  final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

  private synchronized void tell(long connection, String what) {
    connections.putIfAbsent(connection, connections.size() + 1);
    told.add("%d %s".formatted(connections.get(connection), what));
  }

  @Override
  public void connectionOpened(long connection) {
    tell(connection, "opened");
  }

  @Override
  public void connectionClosed(long connection, @Nullable IOException cause) {
    tell(connection, cause == null ? "closed" : "closed: " + cause.getMessage());
  }

  @Override
  public void callBegun(long connection, String service, String method) {
    tell(connection, "%s/%s begun".formatted(service, method));
  }

  @Override
  public void callEnded(long connection, String service, String method, Code code, Duration time) {
    tell(
        connection,
        "%s/%s %s%s".formatted(service, method, code, time.isNegative() ? " too early" : ""));
  }

  @Override
  public void requestRefused(long connection, Code code, String message) {
    tell(connection, "refused %s: %s".formatted(code, message));
  }

  @Override
  public void failed(Throwable failure) {
    failures.add(failure);
  }

  /// The next thing that was told; the test fails if there is none for long.
  String next() throws InterruptedException {
    String next = told.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("the observer is told nothing more");
    }
    return next;
  }

  List<String> next(int count) throws InterruptedException {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(next());
    }
    return all;
  }
}
