package dev.krustlet.testbed.load;

import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.load.WebPods.WebPod;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Two pods of one service, each replaced by another again and again while requests run. A pod is
/// told to end while it is still in the rotation, as clients of a Service may not have heard of it
/// yet. What its guest began to answer is accepted, by the guest's own log.
public final class RollingRestart {
  private static final int AT_ONCE = 2;
  private static final int BETWEEN = 200; // answers, so that each pod has its share
  private static final int GRACE = 60; // seconds

  /// What came of it.
  ///
  /// @param replaced pods
  /// @param accepted requests that a guest began to answer
  /// @param answered requests that a client has the whole answer of
  /// @param refused connections that were not made
  /// @param cutAtOnce new connections that ended before anything was answered
  /// @param cutLater kept connections that ended before another request was answered
  /// @param problems a sentence for everything that must not be
  public record Outcome(
      int replaced,
      long accepted,
      long answered,
      long refused,
      long cutAtOnce,
      long cutLater,
      List<String> problems) {
    /// Accepted and never answered.
    public long lost() {
      return accepted - answered;
    }
  }

  private final WebPods pods;
  private final Rotation rotation = new Rotation();
  private final Tally tally = new Tally();
  private final Deque<WebPod> running = new ArrayDeque<>();
  private final Deque<WebPod> ended = new ArrayDeque<>();

  private RollingRestart(WebPods pods) {
    this.pods = pods;
  }

  /// @param replacements how many pods are replaced
  /// @param clients how many requests are under way at all times
  public static Outcome run(WebPods pods, int replacements, int clients)
      throws IOException, InterruptedException {
    return new RollingRestart(pods).run(replacements, clients);
  }

  private Outcome run(int replacements, int clients) throws IOException, InterruptedException {
    for (int i = 0; i < AT_ONCE; i++) {
      add();
    }
    try (Clients load = Clients.start(clients, rotation, tally)) {
      for (int i = 0; i < replacements; i++) {
        add();
        load.awaitAnswers(BETWEEN);
        end(running.removeFirst());
        load.awaitAnswers(BETWEEN);
      }
    }
    while (!running.isEmpty()) {
      end(running.removeFirst());
    }
    return outcome(replacements);
  }

  private void add() throws IOException, InterruptedException {
    WebPod pod = pods.startVerbose("web" + (running.size() + ended.size()));
    running.addLast(pod);
    rotation.add(pod.address());
  }

  private void end(WebPod pod) throws IOException {
    ended.addLast(pod);
    pod.container().stop(GRACE);
    rotation.remove(pod.address());
    int status = pod.container().status().getExitCode();
    if (status != 0) {
      tally.problem("%s ended with %d".formatted(pod.address(), status));
    }
  }

  private Outcome outcome(int replacements) throws IOException, InterruptedException {
    long answered = tally.answered.get();
    // containerd may write the last lines of a log after it has told the end.
    Await.until("a line for each answer", WebPods.SOON, () -> accepted() >= answered);
    long accepted = accepted();
    for (WebPod pod : ended) {
      pod.pod().remove();
    }
    return new Outcome(
        replacements,
        accepted,
        answered,
        tally.refused.get(),
        tally.cutAtOnce.get(),
        tally.cutLater.get(),
        tally.problems());
  }

  private long accepted() throws IOException {
    long sum = 0;
    for (WebPod pod : ended) {
      sum += pod.accepted();
    }
    return sum;
  }
}
