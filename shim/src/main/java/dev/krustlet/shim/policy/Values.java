package dev.krustlet.shim.policy;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/// How lists and switches are written in annotations.
final class Values {
  /// Stands for an empty list.
  private static final String NONE = "none";

  private static final int MAX_ITEMS = 256;

  private Values() {}

  /// Items with commas between them, or `none`.
  static <T> List<T> list(String text, Function<String, T> parse) {
    List<String> items =
        Stream.of(text.split(",")).map(String::strip).filter(item -> !item.isEmpty()).toList();
    if (items.equals(List.of(NONE))) {
      return List.of();
    }
    if (items.isEmpty()) {
      throw new IllegalArgumentException("it is empty; a list of nothing is 'none'");
    }
    if (items.size() > MAX_ITEMS) {
      throw new IllegalArgumentException(
          "it has %d items; there may be %d".formatted(items.size(), MAX_ITEMS));
    }
    return items.stream().map(parse).toList();
  }

  static boolean isOn(String text) {
    return switch (text.strip()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("'%s' is not true or false".formatted(text));
    };
  }

  /// A directory of the guest, with `:ro` behind it perhaps.
  static String preopen(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("'%s' does not begin with /".formatted(text));
    }
    return text;
  }
}
