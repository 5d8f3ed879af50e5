package dev.krustlet.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// `ctr run --rm` from its start to its end. The ways take turns, so that whatever else the machine
/// does meets all of them.
final class CtrRuns implements Measurement {
  private final Map<Way, Stopwatch> watches = new EnumMap<>(Way.class);
  private final Stopwatch nothing = new Stopwatch();

  CtrRuns() {
    for (Way way : Way.values()) {
      watches.put(way, new Stopwatch());
    }
  }

  @Override
  public String name() {
    return "ctr run, Krustlet beside the runc shim";
  }

  @Override
  public List<Figure> measure(Node node, int iterations) throws IOException, InterruptedException {
    for (Way way : Way.values()) {
      run(node, way); // a first time, so that each has been read from disk
    }
    for (int i = 0; i < iterations; i++) {
      for (Map.Entry<Way, Stopwatch> each : watches.entrySet()) {
        each.getValue().time(() -> run(node, each.getKey()));
      }
      nothing.time(() -> node.ctr("version"));
    }
    return figures();
  }

  private static void run(Node node, Way way) throws IOException, InterruptedException {
    node.run("--rm", way, way.brief(), "run");
  }

  private List<Figure> figures() {
    var figures = new ArrayList<Figure>();
    watches.forEach((way, watch) ->
        figures.add(
            new Figure(
                "ctr_run_" + way.key(),
                "`ctr run --rm`, " + way.words(),
                Figure.Unit.MILLISECONDS,
                watch.laps())));
    figures.add(
        new Figure(
            "ctr_version",
            "  for comparison: `ctr version`",
            Figure.Unit.MILLISECONDS,
            nothing.laps()));
    return figures;
  }
}
