package dev.krustlet.bench;

import java.io.IOException;
import java.util.List;

/// Every later start: the launcher finds the daemon. Beside it, what it takes to start any program
/// and see its end from here.
final class WarmStart implements Measurement {
  private static final double TARGET = 5; // ms

  @Override
  public String name() {
    return "start with a daemon that lives";
  }

  @Override
  public List<Figure> measure(Node node, int iterations) throws IOException, InterruptedException {
    var launcher = Launcher.on(node);
    launcher.start();
    var watch = new Stopwatch();
    var nothing = new Stopwatch();
    for (int i = 0; i < 3 * iterations; i++) {
      watch.time(launcher::start);
      nothing.time(launcher::startNothing);
    }
    return List.of(
        new Figure(
                "start_warm",
                "launcher `start`, daemon lives: until the address",
                Figure.Unit.MILLISECONDS,
                watch.laps())
            .meantToBeAtMost(TARGET),
        new Figure(
            "start_true", "  for comparison: /bin/true", Figure.Unit.MILLISECONDS, nothing.laps()));
  }
}
