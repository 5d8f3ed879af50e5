package dev.krustlet.shim.engine.runc;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The control groups of a container that runc was making when it was killed: before it has written
/// down what it made, it does not know that it has to remove it.
///
/// @param path of the spec; only one from the hierarchies' root on is looked for, for systemd
///   removes its own
record LostCgroup(Path mount, String path) {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  static LostCgroup of(String path) {
    return new LostCgroup(Cgroup.MOUNT, path);
  }

  /// Removes it in every hierarchy, as soon as the last process has left it: what runc had started
  /// ends with it.
  void remove() throws IOException, InterruptedException {
    if (path.length() < 2 || !path.startsWith("/") || path.contains("..")) {
      return;
    }
    for (Path hierarchy : hierarchies()) {
      Path group = hierarchy.resolve(path.substring(1));
      if (Files.isDirectory(group)) {
        remove(group);
      }
    }
  }

  private List<Path> hierarchies() throws IOException {
    try (Stream<Path> all = Files.list(mount)) {
      return Stream.concat(Stream.of(mount), all.filter(Files::isDirectory)).toList();
    }
  }

  private static void remove(Path group) throws IOException, InterruptedException {
    List<Path> groups;
    try (Stream<Path> all = Files.walk(group)) {
      groups = all.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList();
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (Path each : groups) {
      while (!isRemoved(each)) {
        if (System.nanoTime() > end) {
          throw new IOException("cannot remove %s: it has processes".formatted(each));
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
  }

  /// A group with processes is busy.
  private static boolean isRemoved(Path group) throws IOException {
    try {
      Files.delete(group);
      return true;
    } catch (NoSuchFileException _) {
      return true;
    } catch (DirectoryNotEmptyException e) {
      throw e;
    } catch (IOException _) {
      return false;
    }
  }
}
