package dev.krustlet.testbed.load;

import java.util.Locale;

/// What a service did under load.
record LoadReport(int connections, WrkLoad steady, RollingRestart.Outcome restart) {
  /// What a flat memory may waver by, in bytes.
  private static final long WAVERING = 8 << 20;

  private static final double MEBIBYTE = 1 << 20;

  boolean isClean() {
    return steady.wrk().failed() == 0
        && steady.growth() < WAVERING
        && restart.lost() == 0
        && restart.problems().isEmpty();
  }

  /// A table.
  String text() {
    var text = new StringBuilder();
    Wrk wrk = steady.wrk();
    text.append("wrk, %d connections%n".formatted(connections));
    line(text, "requests", "%d", wrk.requests());
    line(text, "a second", "%.0f", wrk.perSecond());
    line(text, "p50", "%.2f ms", wrk.p50());
    line(text, "p99", "%.2f ms", wrk.p99());
    line(text, "failed", "%d", wrk.failed());
    text.append("memory of the engine (PSS)%n".formatted());
    line(text, "before", "%.1f MiB", steady.memory().get(0) / MEBIBYTE);
    line(text, "after the warm-up", "%.1f MiB", steady.memory().get(1) / MEBIBYTE);
    line(text, "after", "%.1f MiB", steady.memory().get(2) / MEBIBYTE);
    text.append("rolling restart, %d pods replaced%n".formatted(restart.replaced()));
    line(text, "requests answered", "%d", restart.answered());
    line(text, "accepted and not answered", "%d", restart.lost());
    line(text, "connections refused", "%d", restart.refused());
    line(text, "new connections cut unanswered", "%d", restart.cutAtOnce());
    line(text, "kept connections cut unanswered", "%d", restart.cutLater());
    line(text, "problems", "%d", restart.problems().size());
    restart.problems().forEach(each -> text.append("    %s%n".formatted(each)));
    return text.toString();
  }

  private static void line(StringBuilder text, String what, String format, Object value) {
    text.append("  %-34s %12s%n".formatted(what, String.format(Locale.ROOT, format, value)));
  }
}
