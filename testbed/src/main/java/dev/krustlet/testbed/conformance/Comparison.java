package dev.krustlet.testbed.conformance;

import dev.krustlet.testbed.conformance.SuiteReport.Outcome;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The same specs under several runtimes, as tables in Markdown: how many passed, where the
/// runtimes differ, and what passes with none.
public final class Comparison {
  private final List<SuiteReport> reports;

  Comparison(List<SuiteReport> reports) {
    this.reports = List.copyOf(reports);
  }

  /// Prints the comparison. Ends with 1 if a spec passes under another runtime and not under the
  /// first, or if one of them ran no spec.
  ///
  /// @param args `RUNTIME=REPORT.xml`, the one that is judged first
  public static void main(String[] args) throws IOException {
    List<SuiteReport> reports = new ArrayList<>();
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      reports.add(SuiteReport.read(parts[0], Path.of(parts[1])));
    }
    var comparison = new Comparison(reports);
    comparison.print(System.out);
    System.exit(comparison.isClean() ? 0 : 1);
  }

  boolean isClean() {
    return reports.stream().allMatch(report -> report.ran() > 0) && worse().isEmpty();
  }

  /// The specs that another runtime passes and the first does not.
  List<String> worse() {
    var first = reports.getFirst();
    return specs()
        .filter(spec -> first.of(spec) != Outcome.PASSED)
        .filter(spec -> reports.stream().anyMatch(report -> report.of(spec) == Outcome.PASSED))
        .toList();
  }

  void print(PrintStream out) {
    row(out, "", reports.stream().map(SuiteReport::runtime));
    out.println("|---|" + "---:|".repeat(reports.size()));
    for (Outcome outcome : List.of(Outcome.PASSED, Outcome.FAILED)) {
      row(out, outcome.toString(), reports.stream().map(each -> count(each, outcome)));
    }
    table(out, "Specs that end differently", specs().filter(this::differs).toList());
    table(out, "Specs that fail with each", specs().filter(this::failsEverywhere).toList());
  }

  private static String count(SuiteReport report, Outcome outcome) {
    return Long.toString(report.count(outcome::equals));
  }

  private void table(PrintStream out, String title, List<String> specs) {
    if (specs.isEmpty()) {
      return;
    }
    out.println();
    row(out, title, reports.stream().map(SuiteReport::runtime));
    out.println("|---|" + "---|".repeat(reports.size()));
    for (String spec : specs) {
      row(out, spec, reports.stream().map(report -> report.of(spec).toString()));
    }
  }

  private static void row(PrintStream out, String head, Stream<String> cells) {
    out.println(
        Stream.concat(Stream.of(head.replace("|", "\\|")), cells)
            .collect(Collectors.joining(" | ", "| ", " |")));
  }

  private Stream<String> specs() {
    return reports.stream()
        .flatMap(report -> report.outcomes().keySet().stream())
        .distinct()
        .sorted();
  }

  private boolean differs(String spec) {
    return reports.stream().map(report -> report.of(spec)).distinct().count() > 1;
  }

  private boolean failsEverywhere(String spec) {
    return reports.stream().allMatch(report -> report.of(spec) == Outcome.FAILED);
  }
}
