package dev.krustlet.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What one more sleeping container takes: of shim, engine and the container's own processes
/// together, by what they take before and after.
final class ContainerMemory implements Measurement {
  private static final double TARGET = 400; // KiB
  private static final double BYTES = 1024;
  private static final int SETTLE = 2; // seconds

  @Override
  public String name() {
    return "memory of sleeping containers";
  }

  @Override
  public List<Figure> measure(Node node, int iterations) throws IOException, InterruptedException {
    var figures = new ArrayList<Figure>();
    figures.add(figure(node, Way.KRUSTLET_WASM, iterations).meantToBeAtMost(TARGET));
    for (Way way : List.of(Way.KRUSTLET_NATIVE, Way.RUNC_NATIVE)) {
      figures.add(figure(node, way, Math.ceilDiv(iterations, 5)));
    }
    return figures;
  }

  private static Figure figure(Node node, Way way, int count)
      throws IOException, InterruptedException {
    double before = settled(node);
    var ids = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      String id = "sleeper" + i;
      node.run("--detach", way, way.sleeper(), id);
      ids.add(id);
    }
    double after = settled(node);
    node.delete(ids);
    return new Figure(
        "pss_container_" + way.key(),
        "each of %d sleeping containers, %s".formatted(count, way.words()),
        Figure.Unit.KIBIBYTES,
        Distribution.of((after - before) / count / BYTES));
  }

  private static long settled(Node node) throws IOException, InterruptedException {
    TimeUnit.SECONDS.sleep(SETTLE);
    return node.memory();
  }
}
