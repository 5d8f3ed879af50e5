package dev.krustlet.testbed.pods;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// A place in a YAML document.
record Yaml(Object value) {
  static Yaml read(Path file) throws IOException {
    return new Yaml(
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file)));
  }

  Yaml at(String key) {
    Object found = ((Map<?, ?>) value).get(key);
    if (found == null) {
      throw new NoSuchElementException("no `%s` in %s".formatted(key, value));
    }
    return new Yaml(found);
  }

  /// The items of a list there; none if there is no such key.
  List<Yaml> items(String key) {
    return ((Map<?, ?>) value).containsKey(key) ? at(key).items() : List.of();
  }

  private List<Yaml> items() {
    return ((List<?>) value).stream().<Yaml>map(Yaml::new).toList();
  }

  String text() {
    return value.toString();
  }
}
