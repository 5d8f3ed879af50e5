package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Stats.Pressure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Pressure stall information of a unified cgroup: how long its tasks waited for a resource.
///
/// A file of it has a line `some` and, where the kernel tells that of the resource, a line `full`:
/// `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`.
final class PressureFiles {
  private PressureFiles() {}

  /// What the kernel tells, by resource.
  static Map<String, Pressure> of(Path group) {
    Map<String, Pressure> told = new HashMap<>();
    for (String resource : List.of("cpu", "memory", "io")) {
      read(group.resolve(resource + ".pressure")).ifPresent(it -> told.put(resource, it));
    }
    return told;
  }

  /// Empty if this kernel has no such file, or the figures are switched off (EOPNOTSUPP).
  private static Optional<Pressure> read(Path file) {
    Map<String, Pressure.Share> lines = new HashMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.split(" ", -1);
        lines.put(words[0], share(words));
      }
    } catch (IOException | NumberFormatException _) {
      return Optional.empty();
    }
    return Optional.ofNullable(lines.get("some"))
        .map(some -> new Pressure(some, Optional.ofNullable(lines.get("full"))));
  }

  private static Pressure.Share share(String[] words) {
    Map<String, String> values = new HashMap<>();
    for (String word : words) {
      String[] pair = word.split("=", 2);
      if (pair.length == 2) {
        values.put(pair[0], pair[1]);
      }
    }
    return new Pressure.Share(
        Double.parseDouble(values.getOrDefault("avg10", "0")),
        Double.parseDouble(values.getOrDefault("avg60", "0")),
        Double.parseDouble(values.getOrDefault("avg300", "0")),
        Long.parseLong(values.getOrDefault("total", "0")));
  }
}
