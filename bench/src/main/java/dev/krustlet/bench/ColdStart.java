package dev.krustlet.bench;

import java.io.IOException;
import java.util.List;

/// The first start on a node: no daemon lives, so the launcher starts one.
final class ColdStart implements Measurement {
  private static final double TARGET = 600; // ms

  @Override
  public String name() {
    return "first start on a node";
  }

  @Override
  public List<Figure> measure(Node node, int iterations) throws IOException, InterruptedException {
    var launcher = Launcher.on(node);
    var watch = new Stopwatch();
    for (int i = 0; i < Math.ceilDiv(iterations, 5); i++) {
      node.endDaemon();
      watch.time(launcher::start);
    }
    return List.of(
        new Figure(
                "start_cold",
                "launcher `start`, no daemon: until the address",
                Figure.Unit.MILLISECONDS,
                watch.laps())
            .meantToBeAtMost(TARGET));
  }
}
