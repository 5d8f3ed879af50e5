package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.faults.Ledger.Wrong;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What a run of the suite came to.
///
/// @param seconds that it took
/// @param problems a sentence for everything that was wrong
public record FaultReport(
    long seed,
    long seconds,
    int rounds,
    Map<String, Long> operations,
    Map<String, Long> faults,
    long leaks,
    long lostExits,
    long lostLogBytes,
    List<String> problems) {
  private static final String LINE = "%-44s %8d%n";

  static FaultReport of(long seed, long seconds, int rounds, Ledger ledger) {
    return new FaultReport(
        seed,
        seconds,
        rounds,
        ledger.operations(),
        ledger.faults(),
        ledger.wrongs(Wrong.LEAK),
        ledger.wrongs(Wrong.LOST_EXIT),
        ledger.wrongs(Wrong.LOST_LOG_BYTES),
        ledger.sentences());
  }

  public boolean isClean() {
    return problems.isEmpty();
  }

  private long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /// A table.
  public String text() {
    var text = new StringBuilder("seed %d, %d s, %d rounds%n".formatted(seed, seconds, rounds));
    text.append(LINE.formatted("operations", sum(operations)));
    operations.forEach((what, count) -> text.append(LINE.formatted("  " + what, count)));
    text.append(LINE.formatted("faults", sum(faults)));
    faults.forEach((what, count) -> text.append(LINE.formatted("  " + what, count)));
    text.append(LINE.formatted("leaks", leaks));
    text.append(LINE.formatted("lost exits", lostExits));
    text.append(LINE.formatted("lost log bytes", lostLogBytes));
    text.append(LINE.formatted("problems", problems.size()));
    problems.forEach(each -> text.append("  ").append(each).append(System.lineSeparator()));
    return text.toString();
  }

  /// The same as JSON.
  public String json() {
    return """
    {"seed":%d,"seconds":%d,"rounds":%d,"operations":%s,"faults":%s,"leaks":%d,\
    "lost_exits":%d,"lost_log_bytes":%d,"problems":[%s]}
    """
        .formatted(
            seed,
            seconds,
            rounds,
            json(operations),
            json(faults),
            leaks,
            lostExits,
            lostLogBytes,
            problems.stream().map(FaultReport::quoted).collect(Collectors.joining(",")));
  }

  private static String json(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .map(each -> quoted(each.getKey()) + ":" + each.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      switch (each) {
        case '"', '\\' -> quoted.append('\\').append(each);
        default -> quoted.append(each < ' ' ? "\\u%04x".formatted((int) each) : each);
      }
    }
    return quoted.append('"').toString();
  }
}
