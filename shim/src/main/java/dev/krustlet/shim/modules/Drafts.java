package dev.krustlet.shim.modules;

import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Files of the cache that are being written. Each is named after the process that writes it, so
/// that those of the dead can be told from those of other daemons.
record Drafts(Path directory, String owner) {
  private static final Pattern NAME = Pattern.compile("\\.(\\d{1,9})-(\\d{1,19})-.*\\.draft");

  /// Those of this process.
  static Drafts in(Path directory) throws IOException {
    int pid = Processes.pid();
    return new Drafts(directory, "%d-%d".formatted(pid, Processes.startTime(pid).orElseThrow()));
  }

  /// A new file that nobody else writes to.
  Path make() throws IOException {
    return Files.createTempFile(directory, ".%s-".formatted(owner), ".draft");
  }

  /// Removes what processes left that were killed.
  void sweep() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.toList();
    }
    for (Path each : files) {
      Matcher name = NAME.matcher(each.getFileName().toString());
      if (name.matches()
          && !Processes.lives(Integer.parseInt(name.group(1)), Long.parseLong(name.group(2)))) {
        Files.deleteIfExists(each);
      }
    }
  }
}
