package dev.krustlet.shim.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a field that is not in the document stands for.
final class Absent {
  private Absent() {}

  static String string(@Nullable String value) {
    return value == null ? "" : value;
  }

  static <T> List<T> list(@Nullable List<T> value) {
    return value == null ? List.of() : List.copyOf(value);
  }

  static Map<String, String> map(@Nullable Map<String, String> value) {
    return value == null ? Map.of() : Map.copyOf(value);
  }
}
