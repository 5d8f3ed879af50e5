package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.api.CallException;
import dev.krustlet.testbed.faults.Ledger.Wrong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What is left when every container is deleted, by containerd's account, the daemon's and the
/// kernel's: nothing, in all three.
final class Agreement {
  private static final Duration SOON = Duration.ofSeconds(15);

  private static final String SOCKET = "fd socket";

  private final Yard yard;
  private final Map<Long, Holdings> baselines = new HashMap<>();

  Agreement(Yard yard) {
    this.yard = yard;
  }

  /// Compares, and writes what is wrong into the ledger.
  void check() throws IOException, InterruptedException {
    exits();
    await("containers in containerd", this::containers);
    await("containers in the daemon", this::daemons);
    await("traces", this::traces);
    await("processes", this::processes);
    await("files", this::files);
    await("holdings", this::holdings);
  }

  private void exits() throws InterruptedException {
    try {
      Await.until(
          "exits", SOON, () -> yard.runs().stream().noneMatch(run -> run.awaitsExit(yard.heard())));
    } catch (IOException _) {
      // those that are missing are named below
    }
    yard.runs().forEach(run -> run.judgeExits(yard.heard(), yard.ledger()));
  }

  /// Something that ought to be nothing.
  @FunctionalInterface
  private interface Rest {
    List<String> find() throws IOException, InterruptedException;
  }

  /// What is taken away in the background is given some time.
  private void await(String what, Rest rest) throws IOException, InterruptedException {
    try {
      Await.until("no " + what, SOON, () -> rest.find().isEmpty());
    } catch (IOException _) {
      List<String> left = rest.find();
      if (!left.isEmpty()) {
        yard.ledger().wrong(Wrong.LEAK, left.size(), what + ": " + left);
      }
    }
  }

  private List<String> containers() throws IOException {
    try {
      var left = new ArrayList<>(yard.node().containers().ids());
      yard.node().tasks().list().forEach(task -> left.add("task " + task.getId()));
      return left;
    } catch (CallException e) {
      throw new IOException(e);
    }
  }

  private List<String> daemons() throws IOException, InterruptedException {
    var left = new ArrayList<String>();
    if (yard.node().daemon().isPresent()) {
      try (var calls = yard.node().daemonCalls()) {
        for (String id : ids()) {
          calls.state(id).ifPresent(state -> left.add(id + " " + state.getStatus()));
        }
      }
    }
    return left;
  }

  private Set<String> ids() {
    var ids = new TreeSet<String>();
    yard.runs().forEach(run -> ids.add(run.container()));
    return ids;
  }

  private List<String> traces() throws IOException {
    var disks = List.of(yard.node().cache().path(), yard.node().bundles().path());
    return yard.node().bed().traces().stream()
        .filter(trace -> disks.stream().noneMatch(disk -> trace.contains(" " + disk + " ")))
        .toList();
  }

  private List<String> processes() throws IOException {
    Set<Long> others = yard.node().service().others();
    yard.node().daemon().ifPresent(others::remove);
    yard.node().engine().ifPresent(others::remove);
    return others.stream().map(pid -> pid + " " + FaultNode.commandLine(pid)).toList();
  }

  private List<String> files() throws IOException {
    var left = new ArrayList<String>();
    for (String parent : List.of("s", "r")) {
      Path bundles =
          yard.node()
              .bed()
              .path()
              .resolve(parent)
              .resolve("io.containerd.runtime.v2.task")
              .resolve(yard.node().service().namespace());
      left.addAll(beneath(bundles, ".*"));
    }
    left.addAll(beneath(yard.node().cache().path(), ".*\\.draft"));
    left.addAll(beneath(yard.node().logs(), ".*"));
    return left;
  }

  private static List<String> beneath(Path directory, String pattern) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(each -> !each.equals(directory))
          .map(Path::toString)
          .filter(each -> each.matches(pattern))
          .toList();
    }
  }

  private List<String> holdings() throws IOException {
    var more = new ArrayList<String>();
    for (OptionalLong each : List.of(yard.node().daemon(), yard.node().engine())) {
      if (each.isPresent() && baselines.containsKey(each.getAsLong())) {
        long pid = each.getAsLong();
        Map<String, Integer> grown =
            Holdings.of(pid).beyond(baselines.getOrDefault(pid, new Holdings(Map.of())));
        if (grown.getOrDefault(SOCKET, 0) <= Connections.heldByContainerd(pid)) {
          grown.remove(SOCKET);
        }
        grown.forEach((what, count) -> more.add("%d more %s in %d".formatted(count, what, pid)));
      }
    }
    return more;
  }

  /// Whether there is a daemon or an engine that nobody has looked at before.
  boolean isStale() throws IOException {
    OptionalLong daemon = yard.node().daemon();
    OptionalLong engine = yard.node().engine();
    return daemon.isEmpty()
        || engine.isEmpty()
        || !baselines.keySet().containsAll(Set.of(daemon.getAsLong(), engine.getAsLong()));
  }

  /// What daemon and engine hold now is what they may hold after later rounds. Nothing lives.
  void remember() throws IOException {
    for (OptionalLong each : List.of(yard.node().daemon(), yard.node().engine())) {
      if (each.isPresent() && !baselines.containsKey(each.getAsLong())) {
        baselines.put(each.getAsLong(), Holdings.of(each.getAsLong()));
      }
    }
  }
}
