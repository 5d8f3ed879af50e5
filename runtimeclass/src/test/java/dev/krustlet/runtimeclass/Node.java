package dev.krustlet.runtimeclass;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// A place in a YAML document: a mapping, a list or a scalar. A missing place is an error that
/// names its key.
record Node(Object value) {

  static List<Node> documents(String yaml) {
    var load = new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build());
    return StreamSupport.stream(load.loadAllFromString(yaml).spliterator(), false)
        .map(Node::new)
        .toList();
  }

  static Node document(String yaml) {
    return documents(yaml).getFirst();
  }

  Node at(String key) {
    return find(key).orElseThrow(() -> new AssertionError("no `%s` in %s".formatted(key, value)));
  }

  Optional<Node> find(String key) {
    return Optional.ofNullable(mapping().get(key)).map(Node::new);
  }

  Set<String> keys() {
    var keys = new TreeSet<String>();
    mapping().keySet().forEach(key -> keys.add(key.toString()));
    return keys;
  }

  List<Node> items() {
    if (value instanceof List<?> list) {
      return list.stream().<Node>map(Node::new).toList();
    }
    throw new AssertionError("not a list: " + value);
  }

  List<String> texts() {
    return items().stream().map(Node::text).toList();
  }

  String text() {
    if (value instanceof String text) {
      return text;
    }
    throw new AssertionError("not a string: " + value);
  }

  private Map<?, ?> mapping() {
    if (value instanceof Map<?, ?> mapping) {
      return mapping;
    }
    throw new AssertionError("not a mapping: " + value);
  }
}
