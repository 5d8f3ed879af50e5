package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/// A long-lived process killed by SIGKILL.
enum KilledProcess implements Fault {
  ENGINE("engine killed") {
    @Override
    public Set<Damage> damage() {
      return EnumSet.of(Damage.WASM_LOST);
    }

    @Override
    public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
      OptionalLong engine = yard.node().engine();
      if (engine.isEmpty()) {
        return false;
      }
      List<Run> lost = yard.running().filter(run -> run.workload().kind() == Kind.WASM).toList();
      FaultNode.kill(engine.getAsLong());
      Await.until("the exits of an engine's guests", SOON, () -> allTold(lost, yard));
      return true;
    }
  },

  DAEMON("daemon killed") {
    @Override
    public Set<Damage> damage() {
      return EnumSet.of(Damage.ALL_LOST);
    }

    @Override
    public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
      OptionalLong daemon = yard.node().daemon();
      OptionalLong engine = yard.node().engine();
      if (daemon.isEmpty()) {
        return false;
      }
      FaultNode.kill(daemon.getAsLong());
      if (engine.isPresent()) {
        long orphan = engine.getAsLong();
        Await.until(
            "the end of an engine without its daemon",
            SOON,
            () -> FaultNode.commandLine(orphan).isEmpty());
      }
      return true;
    }
  },

  NATIVE_INIT("native init killed") {
    @Override
    public Set<Damage> damage() {
      return EnumSet.of(Damage.CALLS_FAIL);
    }

    @Override
    public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
      List<Run> natives =
          yard.running().filter(run -> run.workload().kind() == Kind.NATIVE).toList();
      if (natives.isEmpty()) {
        return false;
      }
      Run hit = natives.get(random.nextInt(natives.size()));
      hit.signalled(9);
      FaultNode.kill(hit.pid());
      Await.until("the exit of a killed init", SOON, () -> allTold(List.of(hit), yard));
      return true;
    }
  };

  private static final Duration SOON = Duration.ofSeconds(10);

  private final String words;

  KilledProcess(String words) {
    this.words = words;
  }

  @Override
  public String words() {
    return words;
  }

  private static boolean allTold(List<Run> runs, Yard yard) {
    return runs.stream().noneMatch(run -> run.awaitsExit(yard.heard()));
  }
}
