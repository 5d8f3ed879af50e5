package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Stats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The control groups of one container, as they were right after its creation. Nothing is removed
/// here: runc made them, runc removes them.
sealed interface Cgroup permits CgroupV1, CgroupV2 {
  Path MOUNT = Path.of("/sys/fs/cgroup");

  /// Finds the groups of a living process.
  static Cgroup of(int pid) throws IOException {
    return parse(Files.readAllLines(Path.of("/proc", Integer.toString(pid), "cgroup")), MOUNT);
  }

  /// @param lines of /proc/PID/cgroup: `ID:CONTROLLERS:PATH`, with no controllers for the unified
  ///   hierarchy
  static Cgroup parse(List<String> lines, Path mount) {
    Map<String, String> paths = new HashMap<>();
    for (String line : lines) {
      String[] parts = line.split(":", 3);
      for (String controller : parts[1].split(",", -1)) {
        paths.put(controller, parts[2]);
      }
    }
    return Files.exists(mount.resolve("cgroup.controllers"))
        ? new CgroupV2(Path.of(mount + paths.getOrDefault("", "/")))
        : new CgroupV1(mount, paths);
  }

  Stats stats() throws IOException;

  /// How many processes were killed for want of memory; empty if the kernel does not tell, of a
  /// group that is gone for one.
  OptionalLong oomKills() throws IOException;

  /// The same of the group that this one is in, all groups beneath it included; 0 where the kernel
  /// does not count so.
  long parentOomKills() throws IOException;

  /// Whether somebody has removed it already, which systemd does when the last process ends.
  default boolean isGone() {
    return !Files.isDirectory(processes());
  }

  /// The directory whose subtree holds all processes.
  Path processes();

  /// All processes, those of groups beneath included.
  default List<Integer> pids() throws IOException {
    List<Integer> pids = new ArrayList<>();
    try (Stream<Path> groups = Files.walk(processes())) {
      for (Path group : groups.filter(Files::isDirectory).toList()) {
        Files.readAllLines(group.resolve("cgroup.procs")).stream()
            .map(Integer::valueOf)
            .forEach(pids::add);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause(); // of a group that went away meanwhile
    }
    return pids;
  }
}
