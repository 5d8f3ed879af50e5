package dev.krustlet.shim.engine.runc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The two shapes of the kernel's cgroup files: one number, and `key value` a line.
final class CgroupFiles {
  /// Beyond this a limit is the kernel's way to say that there is none.
  private static final long NO_LIMIT = 1L << 62;

  private CgroupFiles() {}

  /// The number in the file; 0 if this kernel has no such file.
  static long number(Path file) throws IOException {
    try {
      String text = Files.readString(file).strip();
      return text.equals("max") ? Long.MAX_VALUE : Long.parseLong(text);
    } catch (NoSuchFileException _) {
      return 0;
    }
  }

  /// A limit, where none is 0.
  static long limit(Path file) throws IOException {
    long limit = number(file);
    return limit >= NO_LIMIT || limit < 0 ? 0 : limit;
  }

  /// One of the values of a table, if there is such a file and such a key.
  static OptionalLong value(Path file, String key) throws IOException {
    Long value = table(file).get(key);
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  /// The numbers of a file that has one line of them; none if this kernel has no such file.
  static List<Long> row(Path file) throws IOException {
    try {
      return Stream.of(Files.readString(file).strip().split(" +", -1))
          .filter(word -> !word.isEmpty())
          .map(Long::valueOf)
          .toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  static Map<String, Long> table(Path file) throws IOException {
    Map<String, Long> values = new HashMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] parts = line.split(" ", 2);
        if (parts.length == 2) {
          values.put(parts[0], Long.parseLong(parts[1].strip()));
        }
      }
    } catch (NoSuchFileException _) {
      // a controller that is not there has no figures
    }
    return values;
  }
}
