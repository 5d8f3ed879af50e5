package dev.krustlet.shim.policy;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Sizes as people write and read them: a number of bytes, or with `Ki`, `Mi` or `Gi`.
public final class ByteSize {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,18})(Ki|Mi|Gi)?");
  private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB");

  private ByteSize() {}

  /// The bytes that a text such as `512Mi` stands for.
  ///
  /// @throws IllegalArgumentException with a sentence that says what a size looks like
  public static long parse(String text) {
    Matcher m = SIZE.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException("'%s' is no size like 512Mi or 2Gi".formatted(text));
    }
    long n = Long.parseLong(m.group(1));
    int shift = shift(m.group(2));
    if (n > Long.MAX_VALUE >> shift) {
      throw new IllegalArgumentException("'%s' is more than can be counted".formatted(text));
    }
    return n << shift;
  }

  /// A number of bytes as people read it, such as `1.5 MiB`.
  public static String readable(long bytes) {
    double n = bytes;
    int unit = 0;
    while (n >= 1024 && unit < UNITS.size() - 1) {
      n /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + " B"
        : String.format(Locale.ROOT, "%.1f %s", n, UNITS.get(unit)); // the same for every locale
  }

  private static int shift(@Nullable String unit) {
    return switch (unit) {
      case null -> 0;
      case "Ki" -> 10;
      case "Mi" -> 20;
      default -> 30;
    };
  }
}
