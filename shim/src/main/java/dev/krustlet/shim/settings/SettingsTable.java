package dev.krustlet.shim.settings;

import com.electronwill.nightconfig.core.Config;
import com.electronwill.nightconfig.core.UnmodifiableConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/// One table of the node's settings; its messages name keys as `table.key`.
///
/// @param prefix what the names of its keys begin with
record SettingsTable(UnmodifiableConfig values, String prefix) {
  /// The table of that name in this one; an empty one if there is none.
  SettingsTable table(String key) {
    return switch (values.<Object>getRaw(key)) {
      case null -> new SettingsTable(Config.inMemory(), prefix + key + ".");
      case UnmodifiableConfig table -> new SettingsTable(table, prefix + key + ".");
      case Object o -> throw wants(key, "a table", o);
    };
  }

  void refuseOthers(Set<String> known) {
    var unknown = new TreeSet<String>();
    values.entrySet().forEach(entry -> unknown.add(entry.getKey()));
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "unknown key '%s%s'; known are %s"
              .formatted(prefix, unknown.first(), new TreeSet<>(known)));
    }
  }

  /// A text, or a number as text.
  Optional<String> scalar(String key) {
    return switch (values.<Object>getRaw(key)) {
      case null -> Optional.empty();
      case String s -> Optional.of(s);
      case Integer n -> Optional.of(n.toString());
      case Long n -> Optional.of(n.toString());
      case Object o -> throw wants(key, "a string or a number", o);
    };
  }

  /// A list of texts, or of numbers as texts.
  Optional<List<String>> list(String key) {
    return switch (values.<Object>getRaw(key)) {
      case null -> Optional.empty();
      case List<?> items -> Optional.of(texts(key, items));
      case Object o -> throw wants(key, "a list", o);
    };
  }

  private List<String> texts(String key, List<?> items) {
    List<String> texts = new ArrayList<>();
    for (Object item : items) {
      switch (item) {
        case String s -> texts.add(s);
        case Integer n -> texts.add(n.toString());
        default -> throw wants(key, "a list of strings", item);
      }
    }
    return texts;
  }

  boolean isOn(String key, boolean otherwise) {
    return switch (values.<Object>getRaw(key)) {
      case null -> otherwise;
      case Boolean b -> b;
      case Object o -> throw wants(key, "true or false", o);
    };
  }

  /// What comes of reading a value of `key`, which a failure names.
  <T> T naming(String key, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s%s: %s".formatted(prefix, key, e.getMessage()), e);
    }
  }

  private IllegalArgumentException wants(String key, String kind, Object value) {
    return new IllegalArgumentException(
        "'%s%s' wants %s, not %s".formatted(prefix, key, kind, value));
  }
}
