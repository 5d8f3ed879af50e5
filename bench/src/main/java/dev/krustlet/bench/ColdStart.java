package dev.krustlet.bench;

import java.io.IOException;
import java.util.List;

/// The first start on a node: no daemon lives, so the launcher starts one. And the first container
/// of a daemon, for which much happens that never happens again.
final class ColdStart implements Measurement {
  private static final double TARGET = 600; // ms

  @Override
  public String name() {
    return "first start on a node";
  }

  @Override
  public List<Figure> measure(Node node, int iterations) throws IOException, InterruptedException {
    var launcher = Launcher.on(node);
    var start = new Stopwatch();
    var container = new Stopwatch();
    for (TaskBundle bundle : TaskBundles.on(node).lay("first", Math.ceilDiv(iterations, 5))) {
      node.endDaemon();
      start.time(launcher::start);
      try (var client = TaskClient.connect(launcher.start(), node.containerd().namespace())) {
        TaskCalls.run(client, bundle, container, new Stopwatch());
      }
    }
    return List.of(
        new Figure(
                "start_cold",
                "launcher `start`, no daemon: until the address",
                Figure.Unit.MILLISECONDS,
                start.laps())
            .meantToBeAtMost(TARGET),
        new Figure(
            "first_create_start",
            "  then Create + Start of a cached hello over TTRPC",
            Figure.Unit.MILLISECONDS,
            container.laps()));
  }
}
