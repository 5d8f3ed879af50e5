package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A process that lives for one Create, killed in the midst of it.
enum KilledHelper implements Fault {
  RUNC("runc killed in create", "runc ", " create ") {
    @Override
    Workload workload(Yard yard) {
      return Kind.NATIVE.ending(0);
    }
  },

  COMPILER("compile helper killed", "krustlet-engine compile", "") {
    @Override
    Workload workload(Yard yard) throws IOException {
      return Modules.fresh(yard);
    }
  };

  private static final int TRIES = 5;

  private final String words;
  private final String program;
  private final String verb;

  KilledHelper(String words, String program, String verb) {
    this.words = words;
    this.program = program;
    this.verb = verb;
  }

  /// What to run, so that the process comes to life.
  abstract Workload workload(Yard yard) throws IOException;

  @Override
  public String words() {
    return words;
  }

  @Override
  public Set<Damage> damage() {
    return EnumSet.of(Damage.CALLS_FAIL);
  }

  @Override
  public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
    boolean killed = false;
    for (int i = 0; i < TRIES && !killed; i++) {
      killed = injectOnce(yard, random);
    }
    return killed;
  }

  private boolean injectOnce(Yard yard, Random random) throws IOException, InterruptedException {
    Workload workload = workload(yard);
    Random fate = yard.random();
    try (var trial =
        Background.run(() -> yard.trial(yard.newId(), workload).excused().live(fate))) {
      boolean killed = false;
      while (!killed && !trial.isDone()) {
        Optional<ProcessHandle> helper = helper(yard);
        if (helper.isPresent()) {
          TimeUnit.MILLISECONDS.sleep(random.nextInt(30));
          killed = helper.get().destroyForcibly();
        }
      }
      boolean _ = trial.await();
      return killed;
    } finally {
      Modules.remove(yard, workload);
    }
  }

  private Optional<ProcessHandle> helper(Yard yard) throws IOException {
    OptionalLong daemon = yard.node().daemon();
    if (daemon.isEmpty()) {
      return Optional.empty();
    }
    return ProcessHandle.of(daemon.getAsLong()).stream()
        .flatMap(ProcessHandle::children)
        .filter(child -> isOurs(FaultNode.commandLine(child.pid())))
        .findFirst();
  }

  private boolean isOurs(String commandLine) {
    return commandLine.contains(program) && commandLine.contains(verb);
  }
}
