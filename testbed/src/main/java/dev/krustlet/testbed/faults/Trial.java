package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.api.CallException;
import dev.krustlet.testbed.api.Tasks;
import dev.krustlet.testbed.faults.Ledger.Wrong;
import io.grpc.Status.Code;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// One container from its creation to its deletion, with whatever chance does to it meanwhile.
final class Trial {
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;
  private static final int LONGEST_STAY = 800; // ms

  private final Yard yard;
  private final String id;
  private final Workload workload;
  private final long since = System.nanoTime();
  private volatile Optional<Run> running = Optional.empty();
  private boolean excused;

  Trial(Yard yard, String id, Workload workload) {
    this.yard = yard;
    this.id = id;
    this.workload = workload;
  }

  /// Its first process, as long as it runs and nobody has begun to end it.
  Optional<Run> endless() {
    return running.filter(run -> run.workload().isEndless());
  }

  /// A fault is about to hit this one alone.
  Trial excused() {
    excused = true;
    return this;
  }

  String id() {
    return id;
  }

  Workload workload() {
    return workload;
  }

  /// Lives and dies.
  ///
  /// @return whether its container was made; if not, a fault is to blame
  boolean live(Random random) throws IOException, InterruptedException {
    var outputs = Outputs.of(yard, id);
    var run = new Run(id, workload, outputs.out(), outputs.err());
    yard.runs().add(run);
    yard.living().add(this);
    boolean made = false;
    try {
      make(run);
      made = true;
      if (random.nextInt(12) != 0) {
        start(run);
        stay(run, random);
        end(run, random);
      }
      finish(run);
    } catch (CallException e) {
      excuse(e);
      new Abandoning(yard, id).abandon(run);
    } finally {
      running = Optional.empty();
      yard.living().remove(this);
      run.judge(yard.disturbances(), yard.ledger());
      outputs.close();
    }
    return made;
  }

  private Tasks tasks() {
    return yard.node().tasks();
  }

  private void make(Run run) throws CallException {
    yard.node().containers().create(id, workload.spec(yard.node().cgroup(id)));
    tasks().create(id, yard.node().image(), run.out().fifo(), run.err().fifo());
    yard.ledger().did("create " + workload.kind().word());
  }

  private void start(Run run) throws CallException {
    run.started(tasks().start(id, ""));
    running = Optional.of(run);
    yard.ledger().did("start " + workload.kind().word());
  }

  private void stay(Run run, Random random)
      throws CallException, IOException, InterruptedException {
    for (int i = random.nextInt(4); i > 0 && workload.isEndless(); i--) {
      switch (random.nextInt(5)) {
        case 0 -> pause();
        case 1 -> look();
        case 2 -> TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_STAY));
        default -> new ExecTrial(yard, this, run, "e" + i).live(random);
      }
    }
  }

  private void pause() throws CallException {
    tasks().pause(id);
    tasks().resume(id);
    yard.ledger().did("pause " + workload.kind().word());
  }

  private void look() throws CallException {
    if (tasks().pids(id).isEmpty()) {
      yard.ledger().wrong(Wrong.OTHER, "%s runs and has no processes".formatted(id));
    }
    yard.ledger().did("pids " + workload.kind().word());
  }

  private void end(Run run, Random random) throws CallException, InterruptedException {
    running = Optional.empty();
    if (workload.isEndless() || random.nextInt(4) == 0) {
      // The first process of a pid namespace ignores what it has no handler for.
      boolean hard = workload.kind() == Kind.NATIVE || random.nextBoolean();
      kill(run, hard ? SIGKILL : SIGTERM);
    }
    run.waited(again(() -> tasks().await(id, "")));
  }

  private void kill(Run run, int signal) throws CallException, InterruptedException {
    run.signalled(signal);
    again(() -> {
      try {
        tasks().kill(id, "", signal);
      } catch (CallException e) {
        if (e.code() != Code.NOT_FOUND || (workload.isEndless() && damage().isEmpty())) {
          throw e;
        }
      }
      return true;
    });
    yard.ledger().did("kill " + workload.kind().word());
  }

  private void finish(Run run) throws CallException, InterruptedException {
    run.deleted(tasks().delete(id, ""));
    yard.ledger().did("delete " + workload.kind().word());
    again(() -> {
      yard.node().containers().delete(id);
      return true;
    });
  }

  /// A call that does no harm when it is made twice.
  @FunctionalInterface
  interface Repeatable<T> {
    T make() throws CallException;
  }

  /// Makes a call, again and again as long as containerd is away.
  <T> T again(Repeatable<T> call) throws CallException, InterruptedException {
    while (true) {
      try {
        return call.make();
      } catch (CallException e) {
        if (e.code() != Code.UNAVAILABLE || !damage().contains(Damage.DEAF)) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private Set<Damage> damage() {
    return yard.disturbances().since(since);
  }

  /// A call has failed: is there a fault that may be blamed for it?
  void excuse(CallException e) {
    var excuses = EnumSet.of(Damage.CALLS_FAIL, Damage.ALL_LOST, Damage.DEAF);
    if (workload.kind() == Kind.WASM) {
      excuses.add(Damage.WASM_LOST);
    }
    excuses.retainAll(damage());
    if (excuses.isEmpty() && !excused) {
      yard.ledger()
          .wrong(Wrong.OTHER, "%s %s: %s".formatted(id, workload.command(), e.getMessage()));
    } else {
      yard.ledger().did("refused call, excused by a fault");
    }
  }
}
