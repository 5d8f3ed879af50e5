package dev.krustlet.bench;

import dev.krustlet.testbed.http.HttpConnection;
import dev.krustlet.testbed.http.HttpHead;
import dev.krustlet.testbed.load.WebPods;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/// A service whose component is in the cache: how long containerd takes to start it, and from then
/// on until the first client has its answer, who tries to connect without a pause.
record FirstRequest(Pod pod) {
  private static final double TARGET = 5; // ms
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  List<Figure> measure(int times) throws IOException, InterruptedException {
    InetSocketAddress address = WebPods.address(pod);
    var start = new Stopwatch();
    var first = new Stopwatch();
    once(address, new Stopwatch(), new Stopwatch()); // has it compiled
    for (int i = 0; i < times; i++) {
      once(address, start, first);
    }
    return List.of(
        new Figure(
            "http_start",
            "StartContainer of a cached service",
            Figure.Unit.MILLISECONDS,
            start.laps()),
        new Figure(
                "http_first_request",
                "  then until the answer to the first request",
                Figure.Unit.MILLISECONDS,
                first.laps())
            .meantToBeAtMost(TARGET));
  }

  private void once(InetSocketAddress address, Stopwatch start, Stopwatch first)
      throws IOException, InterruptedException {
    PodContainer container = WebPods.create(pod);
    start.time(container::start);
    first.time(() -> ask(address));
    container.stop(PATIENCE.toSeconds());
    container.remove();
  }

  private static void ask(InetSocketAddress address) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!answers(address)) {
      if (System.nanoTime() > end) {
        throw new IOException("nobody listens at " + address);
      }
    }
  }

  /// False as long as nobody listens; whoever does has to answer.
  private static boolean answers(InetSocketAddress address) throws IOException {
    HttpConnection connection;
    try {
      connection = HttpConnection.open(address, PATIENCE);
    } catch (IOException _) {
      return false;
    }
    try (connection) {
      connection.get("/");
      HttpHead head = connection.head();
      if (head.status() != 200 || !connection.content(head).startsWith("hello")) {
        throw new IOException("%s answers with %d".formatted(address, head.status()));
      }
      return true;
    }
  }
}
