package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.api.Ended;
import dev.krustlet.testbed.faults.Ledger.Wrong;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// One process of a container from its start on, and what was told of it.
final class Run {
  private static final int KILLED = 137;
  private static final int UNKNOWN = 255;

  private final String container;
  private final String process;
  private final Optional<Run> first;
  private final Workload workload;
  private final Output out;
  private final Output err;
  private final long since = System.nanoTime();
  private final Set<Integer> signals = new TreeSet<>();
  private int pid;
  private Optional<Ended> waited = Optional.empty();
  private Optional<Ended> deleted = Optional.empty();
  private Set<Damage> damage = Set.of();

  /// A container's first process.
  Run(String container, Workload workload, Output out, Output err) {
    this(container, container, Optional.empty(), workload, out, err);
  }

  /// An exec, which dies when the first process of its container does.
  Run(Run first, String exec, Workload workload, Output out, Output err) {
    this(first.container(), exec, Optional.of(first), workload, out, err);
  }

  private Run(
      String container,
      String process,
      Optional<Run> first,
      Workload workload,
      Output out,
      Output err) {
    this.container = container;
    this.process = process;
    this.first = first;
    this.workload = workload;
    this.out = out;
    this.err = err;
  }

  String container() {
    return container;
  }

  /// As calls name it: nothing for a container's first process.
  String exec() {
    return process.equals(container) ? "" : process;
  }

  Workload workload() {
    return workload;
  }

  void started(int of) {
    pid = of;
  }

  synchronized void signalled(int signal) {
    signals.add(signal);
  }

  void waited(Ended ended) {
    waited = Optional.of(ended);
  }

  void deleted(Ended ended) {
    deleted = Optional.of(ended);
  }

  /// @return its pid; 0 if it never ran
  int pid() {
    return pid;
  }

  Output out() {
    return out;
  }

  Output err() {
    return err;
  }

  /// It is over and deleted: looks at what was told and at what it printed.
  void judge(Disturbances disturbances, Ledger ledger) throws InterruptedException {
    damage = Set.copyOf(disturbances.since(since));
    if (pid == 0) {
      return;
    }
    if (waited.isPresent() && deleted.isPresent() && !waited.equals(deleted) && !isLost()) {
      ledger.wrong(Wrong.OTHER, "%s: Wait says %s, Delete %s".formatted(this, waited, deleted));
    }
    deleted
        .or(() -> waited)
        .filter(ended -> !mayEndWith(ended.status()))
        .ifPresent(ended ->
            ledger.wrong(
                Wrong.OTHER,
                "%s: ended with %d, printed on stderr: %s"
                    .formatted(this, ended.status(), err.text())));
    judgeOutput(ledger);
  }

  private boolean mayEndWith(int status) {
    return status == workload.status()
        || isEndOf(status)
        || (status == KILLED && first.filter(run -> run.isEndOf(KILLED)).isPresent())
        || (isLost() && (status == KILLED || status == UNKNOWN));
  }

  private synchronized boolean isEndOf(int status) {
    return signals.stream().anyMatch(signal -> status == 128 + signal);
  }

  private void judgeOutput(Ledger ledger) throws InterruptedException {
    try {
      out.awaitEnd();
      err.awaitEnd();
    } catch (IOException e) {
      ledger.wrong(Wrong.LOST_LOG_BYTES, "%s: %s".formatted(this, e.getMessage()));
    }
    String text = out.text();
    boolean whole =
        deleted.or(() -> waited).filter(e -> e.status() == workload.status()).isPresent();
    if (!workload.beginsWith(text) || !out.problem().isEmpty()) {
      ledger.wrong(
          Wrong.LOST_LOG_BYTES,
          "%s: printed something else near byte %d %s"
              .formatted(this, text.length(), out.problem()));
    } else if (whole && !isLost() && text.length() < workload.expected().length()) {
      int lost = workload.expected().length() - text.length();
      ledger.wrong(Wrong.LOST_LOG_BYTES, lost, "%s: %d bytes are missing".formatted(this, lost));
    }
  }

  /// Whether something may have ended it that nobody has judged yet.
  synchronized boolean mayHaveEnded(Disturbances disturbances) {
    damage = Set.copyOf(disturbances.since(since));
    return isLost() || !signals.isEmpty();
  }

  /// Whether a fault may have ended it.
  private boolean isLost() {
    return damage.contains(Damage.ALL_LOST)
        || (damage.contains(Damage.WASM_LOST) && workload.kind() == Kind.WASM);
  }

  /// Whether its exit is still to be heard of.
  boolean awaitsExit(Heard heard) {
    return pid != 0 && needsExit() && exits(heard).isEmpty();
  }

  private boolean needsExit() {
    boolean dies = damage.contains(Damage.ALL_LOST);
    return !damage.contains(Damage.DEAF) && !(dies && (waited.isEmpty() || !exec().isEmpty()));
  }

  private List<Ended> exits(Heard heard) {
    return heard.of(container, process).stream()
        .filter(exit -> exit.pid() == pid || (exit.pid() == 0 && damage.contains(Damage.ALL_LOST)))
        .filter(exit -> exit.heard() - since > 0)
        .map(Heard.Exit::ended)
        .toList();
  }

  /// Compares its exit with what was heard of it.
  void judgeExits(Heard heard, Ledger ledger) {
    if (pid == 0) {
      return;
    }
    List<Ended> exits = exits(heard);
    if (exits.isEmpty() && needsExit()) {
      ledger.wrong(Wrong.LOST_EXIT, "%s: its exit was never told".formatted(this));
    }
    // The same again: the answer to the first telling went with containerd, or `delete` repeats it.
    boolean repeated = damage.contains(Damage.DEAF) || damage.contains(Damage.ALL_LOST);
    boolean twice = exits.size() > 1 && !repeated;
    if (twice || exits.stream().distinct().count() > 1) {
      ledger.wrong(Wrong.OTHER, "%s: its exit was told as %s".formatted(this, exits));
    }
    var told = waited.or(() -> deleted);
    if (told.isPresent() && !exits.isEmpty() && !told.get().equals(exits.getFirst())) {
      ledger.wrong(Wrong.OTHER, "%s: ended as %s, told as %s".formatted(this, told, exits));
    }
  }

  @Override
  public String toString() {
    return "%s/%s %s %s (pid %d, signals %s, %s)"
        .formatted(
            container, exec(), workload.kind().word(), workload.command(), pid, signals, damage);
  }
}
