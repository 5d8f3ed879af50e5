package dev.krustlet.bench;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// All figures of one run.
record Report(Machine machine, int iterations, List<Figure> figures) {
  private static final String ROW = "%-60s %6s %8s %8s %8s %8s  %-4s %s";

  Report {
    figures = List.copyOf(figures);
  }

  /// A table for people.
  String text() {
    String rows = figures.stream().map(Report::row).collect(Collectors.joining("\n"));
    return "%s%n%n%s%n%s%n"
        .formatted(
            summary(),
            ROW.formatted("", "COUNT", "P50", "P90", "P99", "MAX", "", "TARGET (P50)")
                .stripTrailing(),
            rows);
  }

  private String summary() {
    return String.format(
        Locale.ROOT,
        "%d cores, %d GiB, %s, Linux %s, Java %s, containerd %s, runc %s; load %.2f at the start",
        machine.cores(),
        machine.memory() >> 30,
        machine.architecture(),
        machine.kernel(),
        machine.java(),
        machine.containerd(),
        machine.runc(),
        machine.load());
  }

  private static String row(Figure figure) {
    Distribution values = figure.values();
    boolean single = values.count() == 1;
    String target =
        figure
            .target()
            .map(each ->
                "%s %s %s"
                    .formatted(
                        each.sign(), number(each.value()), figure.meets(each) ? "met" : "MISSED"))
            .orElse("");
    return ROW.formatted(
            figure.what(),
            values.count(),
            number(figure.median()),
            single ? "" : number(values.percentile(90)),
            single ? "" : number(values.percentile(99)),
            single ? "" : number(values.max()),
            figure.unit().symbol(),
            target)
        .stripTrailing();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
  }

  /// The same for machines.
  String json() {
    var gson = new GsonBuilder().setPrettyPrinting().create();
    var report = new JsonObject();
    report.add("machine", gson.toJsonTree(machine));
    report.addProperty("iterations", iterations);
    var all = new JsonArray();
    figures.forEach(figure -> all.add(object(figure)));
    report.add("figures", all);
    return gson.toJson(report) + "\n";
  }

  private static JsonObject object(Figure figure) {
    Distribution values = figure.values();
    var object = new JsonObject();
    object.addProperty("name", figure.name());
    object.addProperty("what", figure.what());
    object.addProperty("unit", figure.unit().symbol());
    object.addProperty("count", values.count());
    object.addProperty("min", values.min());
    object.addProperty("p50", figure.median());
    object.addProperty("p90", values.percentile(90));
    object.addProperty("p99", values.percentile(99));
    object.addProperty("max", values.max());
    figure
        .target()
        .ifPresent(target -> {
          object.addProperty("target", target.value());
          object.addProperty("met", figure.meets(target));
        });
    return object;
  }
}
