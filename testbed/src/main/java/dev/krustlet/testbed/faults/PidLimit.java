package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A cgroup that bounds how many threads some processes have; [#close] moves them back.
final class PidLimit implements AutoCloseable {
  private static final Path V1 = Path.of("/sys/fs/cgroup/pids");
  private static final Path V2 = Path.of("/sys/fs/cgroup");
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Path group;
  private final Path home;

  private PidLimit(Path group, Path home) {
    this.group = group;
    this.home = home;
  }

  static PidLimit on(String name, long... pids) throws IOException {
    Path root = Files.isDirectory(V1) ? V1 : V2;
    Path home = root.resolve(cgroup(pids[0], root.equals(V1)).substring(1));
    if (root.equals(V2)) {
      Files.writeString(root.resolve("cgroup.subtree_control"), "+pids");
    }
    var limit = new PidLimit(Files.createDirectory(root.resolve(name + "-limit")), home);
    for (long pid : pids) {
      move(pid, limit.group);
    }
    return limit;
  }

  private static String cgroup(long pid, boolean v1) throws IOException {
    String marker = v1 ? ":pids:" : "::";
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "cgroup")).stream()
        .filter(line -> line.contains(marker))
        .map(line -> line.substring(line.indexOf(marker) + marker.length()))
        .findFirst()
        .orElseThrow(() -> new IOException("process %d has no pids cgroup".formatted(pid)));
  }

  private static void move(long pid, Path group) throws IOException {
    Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
  }

  /// From now on there may be so many more than there are.
  void leaveRoomFor(int more) throws IOException {
    int now = Integer.parseInt(Files.readString(group.resolve("pids.current")).strip());
    Files.writeString(group.resolve("pids.max"), Integer.toString(now + more));
  }

  @Override
  public void close() throws IOException {
    try {
      Files.writeString(group.resolve("pids.max"), "max");
      Await.until("the emptiness of " + group, SOON, this::isEmptied);
      Files.delete(group);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + group + " was emptied", e);
    }
  }

  private boolean isEmptied() throws IOException {
    List<String> pids = Files.readAllLines(group.resolve("cgroup.procs"));
    for (String pid : pids) {
      try {
        move(Long.parseLong(pid), home);
      } catch (IOException e) {
        if (Files.exists(Path.of("/proc", pid))) {
          throw e;
        }
      }
    }
    return pids.isEmpty();
  }
}
