package dev.krustlet.shim.policy;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Ports, from the first to the last.
public record PortRange(int first, int last) {
  static final PortRange ALL = new PortRange(0, 65535);
  private static final Pattern RANGE = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

  /// Reads `PORT` or `FIRST-LAST`.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  public static PortRange parse(String text) {
    Matcher m = RANGE.matcher(text);
    if (m.matches()) {
      int first = Integer.parseInt(m.group(1));
      int last = m.group(2) == null ? first : Integer.parseInt(m.group(2));
      if (first > 0 && first <= last && last <= ALL.last) {
        return new PortRange(first, last);
      }
    }
    throw new IllegalArgumentException("'%s' is no PORT or FIRST-LAST".formatted(text));
  }

  boolean isWithin(PortRange other) {
    return other.first <= first && last <= other.last;
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
