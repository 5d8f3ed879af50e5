package dev.krustlet.testbed.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// What the demo says, line by line; with emphasis where a terminal shows it.
final class Screen {
  private static final int WIDTH = 78;

  private final PrintStream out;
  private final boolean colours;

  Screen(PrintStream out, boolean colours) {
    this.out = out;
    this.colours = colours;
  }

  void step(String headline) {
    out.println();
    out.println(emphasised(headline));
  }

  void say(String line) {
    out.println("  " + line);
  }

  /// A line with how long that took at its right edge.
  void took(String line, long sinceNanos) {
    String time = milliseconds(sinceNanos);
    int gap = Math.max(1, WIDTH - 2 - line.length() - time.length());
    say(line + " ".repeat(gap) + time);
  }

  /// A container's log, each line behind the container's name.
  void log(String name, String text) {
    text.lines().forEach(line -> say("%-8s | %s".formatted(name, line)));
  }

  /// Columns as wide as their widest cell.
  void table(List<List<String>> rows) {
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(padded(row.get(i), width(rows, i) + 3));
      }
      say(line.toString().stripTrailing());
    }
  }

  private static int width(List<List<String>> rows, int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }

  private static String padded(String cell, int width) {
    return cell + " ".repeat(width - cell.length());
  }

  private static String milliseconds(long sinceNanos) {
    Duration time = Duration.ofNanos(System.nanoTime() - sinceNanos);
    return String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
  }

  private String emphasised(String text) {
    return colours ? "\u001b[1m" + text + "\u001b[0m" : text;
  }
}
