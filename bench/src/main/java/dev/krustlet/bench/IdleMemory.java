package dev.krustlet.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What daemon and engine take while there is no container.
record IdleMemory(String when, String what) implements Measurement {
  private static final double TARGET = 110; // MiB
  private static final double BYTES = 1 << 20;

  /// For threads to end and the engine, which the daemon starts after it listens, to come up.
  private static final int SETTLE = 2; // seconds

  @Override
  public String name() {
    return "memory without containers";
  }

  @Override
  public List<Figure> measure(Node node, int iterations) throws IOException, InterruptedException {
    Launcher.on(node).start();
    TimeUnit.SECONDS.sleep(SETTLE);
    if (node.processes() != 2) {
      throw new IOException("%d processes, not a daemon and an engine".formatted(node.processes()));
    }
    var memory = Distribution.of(node.memory() / BYTES);
    return List.of(
        new Figure("pss_idle_" + when, what, Figure.Unit.MEBIBYTES, memory)
            .meantToBeAtMost(TARGET));
  }
}
