package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Connections of Unix sockets, as ss(8) knows them.
final class Connections {
  private static final int INODE = 5; // columns of ss
  private static final int PEER = 7;

  private Connections() {}

  /// How many connections a daemon has only because containerd does not close them: after a restart
  /// it keeps some to containers that it has deleted.
  static int heldByContainerd(long daemon) throws IOException {
    List<String[]> all = all();
    Set<String> containerds =
        all.stream()
            .filter(line -> line[line.length - 1].contains("\"containerd\""))
            .map(line -> line[INODE])
            .collect(Collectors.toSet());
    return (int)
        all.stream()
            .filter(line -> line[line.length - 1].contains("pid=%d,".formatted(daemon)))
            .filter(line -> containerds.contains(line[PEER]))
            .filter(line -> line[4].endsWith("/task.sock"))
            .count();
  }

  private static List<String[]> all() throws IOException {
    Process ss = new ProcessBuilder("ss", "--unix", "--processes", "--no-header").start();
    var lines = new String(ss.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return lines
        .lines()
        .map(line -> line.strip().split("\\s+"))
        .filter(l -> l.length > PEER)
        .toList();
  }
}
