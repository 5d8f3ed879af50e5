package dev.krustlet.bench;

import java.io.IOException;
import java.util.List;

/// A cached hello, called for over TTRPC by one caller: how long until it runs, and until nothing
/// of it is left.
final class TaskCalls implements Measurement {
  private static final double TARGET = 5; // ms

  @Override
  public String name() {
    return "a wasm container over TTRPC";
  }

  @Override
  public List<Figure> measure(Node node, int iterations) throws IOException, InterruptedException {
    var toStart = new Stopwatch();
    var whole = new Stopwatch();
    var bundles = TaskBundles.on(node);
    try (var client =
        TaskClient.connect(Launcher.on(node).start(), node.containerd().namespace())) {
      for (TaskBundle warmUp : bundles.lay("warm", iterations)) {
        run(client, warmUp, new Stopwatch(), new Stopwatch());
      }
      for (TaskBundle bundle : bundles.lay("call", 5 * iterations)) {
        run(client, bundle, toStart, whole);
      }
    }
    return List.of(
        new Figure(
                "task_create_start",
                "Create + Start of a cached hello over TTRPC",
                Figure.Unit.MILLISECONDS,
                toStart.laps())
            .meantToBeAtMost(TARGET),
        new Figure(
            "task_whole", "  and its end and Delete", Figure.Unit.MILLISECONDS, whole.laps()));
  }

  /// Runs hello to its end.
  ///
  /// @param toStart measures until it runs
  /// @param whole measures until nothing of it is left
  static void run(TaskClient client, TaskBundle bundle, Stopwatch toStart, Stopwatch whole)
      throws IOException, InterruptedException {
    try (bundle) {
      toStart.start();
      whole.start();
      client.create(bundle);
      client.start(bundle);
      toStart.stop();
      client.await(bundle);
      client.delete(bundle);
      whole.stop();
      check(bundle);
    }
  }

  static void check(TaskBundle bundle) throws IOException, InterruptedException {
    String written = bundle.written();
    if (!written.startsWith(Image.HELLO_LINE)) {
      throw new IOException("container %s wrote: %s".formatted(bundle.id(), written));
    }
  }
}
