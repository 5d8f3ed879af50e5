package dev.krustlet.bench;

import dev.krustlet.testbed.load.Wrk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How many requests a second each of several servers answers. They take turns, so that whatever
/// else the machine does meets all of them, and a ratio is one of the same round.
///
/// @param compared whether the first of them is what the others are compared with
record HttpRates(List<HttpServer> servers, boolean compared, Wrk.Plan plan) {
  private static final double TARGET = 1.8; // times

  HttpRates {
    servers = List.copyOf(servers);
  }

  List<Figure> measure(int rounds) throws IOException, InterruptedException {
    var results = new LinkedHashMap<HttpServer, List<Wrk>>();
    for (HttpServer each : servers) {
      ask(each); // a first time, so that each is warm
      results.put(each, new ArrayList<>());
    }
    for (int i = 0; i < rounds; i++) {
      for (Map.Entry<HttpServer, List<Wrk>> each : results.entrySet()) {
        each.getValue().add(ask(each.getKey()));
      }
    }
    var figures = new ArrayList<Figure>();
    results.forEach((server, all) -> figures.addAll(figures(server, all)));
    if (compared) {
      List<Wrk> theirs = results.firstEntry().getValue();
      results.entrySet().stream()
          .skip(1)
          .map(each -> ratio(each.getKey(), each.getValue(), theirs))
          .forEach(figures::add);
    }
    return figures;
  }

  /// A failed request is no figure.
  private Wrk ask(HttpServer server) throws IOException, InterruptedException {
    Wrk wrk = plan.run(server.uri());
    if (wrk.failed() != 0) {
      throw new IOException(
          "%d of %d requests of %s failed".formatted(wrk.failed(), wrk.requests(), server.words()));
    }
    return wrk;
  }

  private static List<Figure> figures(HttpServer server, List<Wrk> all) {
    return List.of(
        new Figure(
            "http_rate_" + server.key(),
            "requests, " + server.words(),
            Figure.Unit.PER_SECOND,
            Distribution.of(all.stream().map(Wrk::perSecond).toList())),
        new Figure(
            "http_p50_" + server.key(),
            "  until the answer, at the median",
            Figure.Unit.MILLISECONDS,
            Distribution.of(all.stream().map(Wrk::p50).toList())),
        new Figure(
            "http_p99_" + server.key(),
            "  until the answer, p99",
            Figure.Unit.MILLISECONDS,
            Distribution.of(all.stream().map(Wrk::p99).toList())));
  }

  private Figure ratio(HttpServer server, List<Wrk> ours, List<Wrk> theirs) {
    var ratios = new ArrayList<Double>();
    for (int i = 0; i < ours.size(); i++) {
      ratios.add(ours.get(i).perSecond() / theirs.get(i).perSecond());
    }
    return new Figure(
            "http_ratio_" + server.key(),
            "%s: of %s in the same round".formatted(server.words(), servers.getFirst().words()),
            Figure.Unit.TIMES,
            Distribution.of(ratios))
        .meantToBeAtLeast(TARGET);
  }
}
