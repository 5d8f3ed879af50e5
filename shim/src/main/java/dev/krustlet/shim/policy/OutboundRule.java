package dev.krustlet.shim.policy;

import java.util.List;
import java.util.Set;

/// What a guest may connect to: hosts and ports of theirs.
///
/// @param text as it was written, which is how the engine reads it
public record OutboundRule(String text, Destination to, PortRange ports) {
  private static final int V4_BYTES = 4;
  private static final int V6_BYTES = 16;

  /// Reads `NAME`, `*.NAME`, `ADDRESS` or `CIDR`, with `:PORT` or `:FIRST-LAST` behind it; one of
  /// IPv6 with ports is in brackets.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  public static OutboundRule parse(String text) {
    try {
      return read(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("rule '%s': %s".formatted(text, e.getMessage()), e);
    }
  }

  private static OutboundRule read(String text) {
    int end = text.indexOf(']');
    if (text.startsWith("[") && end > 0) {
      var to = Destination.parse(text.substring(1, end));
      return new OutboundRule(text, to, behind(text.substring(end + 1)));
    }
    int colon = text.indexOf(':');
    if (colon < 0 || colon != text.lastIndexOf(':')) { // none, or an address of IPv6
      return new OutboundRule(text, Destination.parse(text), PortRange.ALL);
    }
    var to = Destination.parse(text.substring(0, colon));
    return new OutboundRule(text, to, behind(text.substring(colon)));
  }

  private static PortRange behind(String text) {
    if (text.isEmpty()) {
      return PortRange.ALL;
    }
    if (!text.startsWith(":")) {
      throw new IllegalArgumentException("'%s' is no :PORT or :FIRST-LAST".formatted(text));
    }
    return PortRange.parse(text.substring(1));
  }

  /// Whether one of the rules allows all that this one does. A name is also within rules that let
  /// its ports be reached at every address there is.
  boolean isWithin(List<OutboundRule> rules) {
    List<OutboundRule> same = rules.stream().filter(r -> ports.isWithin(r.ports)).toList();
    return same.stream().anyMatch(r -> to.isWithin(r.to))
        || Set.of(V4_BYTES, V6_BYTES).stream()
            .allMatch(family -> same.stream().anyMatch(r -> r.to.isEverywhere(family)));
  }

  @Override
  public String toString() {
    return text;
  }
}
