package dev.krustlet.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// How many containers a second come and go with eight `ctr run --rm` at once.
final class CtrThroughput implements Measurement {
  private static final int AT_ONCE = 8;

  @Override
  public String name() {
    return "ctr run, %d at once".formatted(AT_ONCE);
  }

  @Override
  public List<Figure> measure(Node node, int iterations) throws IOException, InterruptedException {
    var figures = new ArrayList<Figure>();
    for (Way way : Way.values()) {
      figures.add(figure(node, way, iterations));
    }
    return figures;
  }

  private static Figure figure(Node node, Way way, int count)
      throws IOException, InterruptedException {
    var next = new AtomicInteger();
    double seconds =
        Crowd.seconds(
            AT_ONCE,
            () -> {
              for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                node.run("--rm", way, way.brief(), "many" + i);
              }
            });
    return new Figure(
        "ctr_at_once_" + way.key(),
        "8 `ctr run --rm` at once, " + way.words(),
        Figure.Unit.PER_SECOND,
        Distribution.of(count / seconds));
  }
}
