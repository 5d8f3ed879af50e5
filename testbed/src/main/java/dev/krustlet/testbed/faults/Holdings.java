package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What a process holds in the kernel: its descriptors by what they are, and its threads by name.
///
/// @param counts how many of each
record Holdings(Map<String, Integer> counts) {
  static Holdings of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    var counts = new TreeMap<String, Integer>();
    for (Path each : list(process.resolve("fd"))) {
      counts.merge("fd " + what(each), 1, Integer::sum);
    }
    for (Path each : list(process.resolve("task"))) {
      counts.merge("thread " + threadName(each), 1, Integer::sum);
    }
    counts.remove("fd ");
    counts.remove("thread ");
    return new Holdings(counts);
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }

  /// Without inode numbers; empty for one that was just closed.
  private static String what(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().replaceFirst(":\\[\\d+\\]$", "");
    } catch (IOException _) {
      return "";
    }
  }

  /// Without numbers, for a pool's threads come and go.
  private static String threadName(Path thread) {
    try {
      return Files.readString(thread.resolve("comm")).strip().replaceAll("[-#\\d]+$", "");
    } catch (IOException _) {
      return "";
    }
  }

  int descriptors() {
    return sum("fd ");
  }

  int threads() {
    return sum("thread ");
  }

  private int sum(String prefix) {
    return counts.entrySet().stream()
        .filter(each -> each.getKey().startsWith(prefix))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /// What there is more of than before.
  Map<String, Integer> beyond(Holdings before) {
    var more = new TreeMap<String, Integer>();
    counts.forEach((what, count) -> {
      int growth = count - before.counts.getOrDefault(what, 0);
      if (growth > 0 && !isPooled(what)) {
        more.put(what, growth);
      }
    });
    return more;
  }

  /// Threads that the JVM keeps a number of as it sees fit, and modules that the engine keeps
  /// loaded up to a number.
  private static boolean isPooled(String what) {
    return what.contains(".cwasm")
        || what.startsWith("thread ForkJoinPool")
        || what.startsWith("thread process reaper");
  }
}
