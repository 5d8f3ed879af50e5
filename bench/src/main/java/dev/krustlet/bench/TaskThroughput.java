package dev.krustlet.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// How many wasm containers a second the daemon carries from Create to Delete, one after the other
/// and eight at once, each caller with a connection of its own.
final class TaskThroughput implements Measurement {
  @Override
  public String name() {
    return "wasm containers a second over TTRPC";
  }

  @Override
  public List<Figure> measure(Node node, int iterations) throws IOException, InterruptedException {
    var bundles = TaskBundles.on(node);
    Path socket = Launcher.on(node).start();
    return List.of(
        figure(node, socket, bundles.lay("one", 5 * iterations), 1),
        figure(node, socket, bundles.lay("eight", 5 * iterations), 8));
  }

  private static Figure figure(Node node, Path socket, Queue<TaskBundle> laid, int atOnce)
      throws IOException, InterruptedException {
    var left = new ConcurrentLinkedQueue<>(laid);
    double seconds = Crowd.seconds(atOnce, () -> work(node, socket, left));
    for (TaskBundle bundle : laid) {
      try (bundle) {
        TaskCalls.check(bundle);
      }
    }
    return new Figure(
        "tasks_at_once_" + atOnce,
        "wasm containers from Create to Delete, %d at once".formatted(atOnce),
        Figure.Unit.PER_SECOND,
        Distribution.of(laid.size() / seconds));
  }

  private static void work(Node node, Path socket, Queue<TaskBundle> left)
      throws IOException, InterruptedException {
    try (var client = TaskClient.connect(socket, node.containerd().namespace())) {
      for (var bundle = left.poll(); bundle != null; bundle = left.poll()) {
        client.create(bundle);
        client.start(bundle);
        client.await(bundle);
        client.delete(bundle);
      }
    }
  }
}
