package dev.krustlet.shim.daemon;

import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The daemon's own sockets, in a directory of its own named `PID-STARTTIME`: short, for a socket's
/// path has 107 bytes, and its name tells whether its owner lives.
final class RunDirectory implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("(\\d{1,9})-(\\d{1,19})");

  private final Path path;

  private RunDirectory(Path path) {
    this.path = path;
  }

  /// Makes this process's directory beneath `base`, and removes those of the dead.
  static RunDirectory create(Path base, int pid, long startTime) throws IOException {
    Files.createDirectories(base);
    sweep(base);
    return new RunDirectory(Files.createDirectories(base.resolve(pid + "-" + startTime)));
  }

  Path path() {
    return path;
  }

  Path taskSocket() {
    return path.resolve("task.sock");
  }

  @Override
  public void close() throws IOException {
    remove(path);
  }

  private static void sweep(Path base) throws IOException {
    for (Path each : list(base)) {
      Matcher name = NAME.matcher(each.getFileName().toString());
      if (name.matches()
          && !Processes.lives(Integer.parseInt(name.group(1)), Long.parseLong(name.group(2)))) {
        remove(each);
      }
    }
  }

  private static void remove(Path directory) throws IOException {
    for (Path each : list(directory)) {
      Files.deleteIfExists(each);
    }
    Files.deleteIfExists(directory);
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }
}
