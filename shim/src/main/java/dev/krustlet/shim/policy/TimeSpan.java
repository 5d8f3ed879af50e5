package dev.krustlet.shim.policy;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as people write them: a number with `ms`, `s`, `m`, `h` or `d`.
public final class TimeSpan {
  private static final Pattern SPAN = Pattern.compile("(\\d{1,6})(ms|s|m|h|d)");

  private TimeSpan() {}

  /// The duration that a text such as `90s` stands for.
  ///
  /// @throws IllegalArgumentException with a sentence that says what a duration looks like
  public static Duration parse(String text) {
    Matcher m = SPAN.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException("'%s' is no duration like 90s or 10m".formatted(text));
    }
    long n = Long.parseLong(m.group(1));
    return switch (m.group(2)) {
      case "ms" -> Duration.ofMillis(n);
      case "s" -> Duration.ofSeconds(n);
      case "m" -> Duration.ofMinutes(n);
      case "h" -> Duration.ofHours(n);
      default -> Duration.ofDays(n);
    };
  }
}
