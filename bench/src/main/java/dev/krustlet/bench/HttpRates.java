package dev.krustlet.bench;

import dev.krustlet.testbed.load.Wrk;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// How many requests a second each of several servers answers. They take turns, so that whatever
/// else the machine does meets all of them, and a ratio is one of the same round.
///
/// @param compared whether the first of them is what the others are compared with
record HttpRates(List<HttpServer> servers, boolean compared, Wrk.Plan plan) {
  private static final double TARGET = 1.8; // times
  private static final double MICROSECOND = 1e3; // nanoseconds

  HttpRates {
    servers = List.copyOf(servers);
  }

  /// What a server did in one round.
  ///
  /// @param cpu microseconds that a request took of its process
  private record Round(Wrk wrk, double cpu) {}

  List<Figure> measure(int rounds) throws IOException, InterruptedException {
    var results = new LinkedHashMap<HttpServer, List<Round>>();
    for (HttpServer each : servers) {
      ask(each); // a first time, so that each is warm
      results.put(each, new ArrayList<>());
    }
    for (int i = 0; i < rounds; i++) {
      for (Map.Entry<HttpServer, List<Round>> each : results.entrySet()) {
        each.getValue().add(ask(each.getKey()));
      }
    }
    var figures = new ArrayList<Figure>();
    results.forEach((server, all) -> figures.addAll(figures(server, all)));
    if (compared) {
      List<Round> theirs = results.firstEntry().getValue();
      results.entrySet().stream()
          .skip(1)
          .map(each -> ratio(each.getKey(), each.getValue(), theirs))
          .forEach(figures::add);
    }
    return figures;
  }

  /// A failed request is no figure.
  private Round ask(HttpServer server) throws IOException, InterruptedException {
    Duration before = server.cpu();
    Wrk wrk = plan.run(server.uri());
    if (wrk.failed() != 0 || wrk.requests() == 0) {
      throw new IOException(
          "%d requests of %s failed, %d did not"
              .formatted(wrk.failed(), server.words(), wrk.requests()));
    }
    Duration cpu = server.cpu().minus(before);
    return new Round(wrk, cpu.toNanos() / MICROSECOND / wrk.requests());
  }

  private static List<Figure> figures(HttpServer server, List<Round> all) {
    String key = server.key();
    return List.of(
        figure(
            "http_rate_" + key,
            "requests, " + server.words(),
            Figure.Unit.PER_SECOND,
            all,
            each -> each.wrk().perSecond()),
        figure(
            "http_p50_" + key,
            "  until the answer, at the median",
            Figure.Unit.MILLISECONDS,
            all,
            each -> each.wrk().p50()),
        figure(
            "http_p99_" + key,
            "  until the answer, p99",
            Figure.Unit.MILLISECONDS,
            all,
            each -> each.wrk().p99()),
        figure(
            "http_cpu_" + key,
            "  CPU time of the serving process a request",
            Figure.Unit.MICROSECONDS,
            all,
            Round::cpu));
  }

  private static Figure figure(
      String name, String what, Figure.Unit unit, List<Round> all, ToDoubleFunction<Round> value) {
    double[] values = all.stream().mapToDouble(value).toArray();
    return new Figure(name, what, unit, Distribution.of(values));
  }

  private Figure ratio(HttpServer server, List<Round> ours, List<Round> theirs) {
    var ratios = new ArrayList<Double>();
    for (int i = 0; i < ours.size(); i++) {
      ratios.add(ours.get(i).wrk().perSecond() / theirs.get(i).wrk().perSecond());
    }
    return new Figure(
            "http_ratio_" + server.key(),
            "%s: of %s in the same round".formatted(server.words(), servers.getFirst().words()),
            Figure.Unit.TIMES,
            Distribution.of(ratios))
        .meantToBeAtLeast(TARGET);
  }
}
