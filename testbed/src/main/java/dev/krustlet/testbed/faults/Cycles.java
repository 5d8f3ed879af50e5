package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.ProcessMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// Containers from Create to Delete, one after the other through one daemon and one engine, and
/// what those hold on the way.
final class Cycles {
  private static final int SETTLED = 500; // after so many nothing is to grow
  private static final int NATIVE = 10; // each so many-th is native
  private static final Pattern HEAP = Pattern.compile("(?s).*used (\\d+)K.*?used (\\d+)K.*");

  private final Yard yard;

  private Cycles(Yard yard) {
    this.yard = yard;
  }

  static CycleReport run(Installation installation, int cycles, FaultSuite.Progress progress)
      throws IOException, InterruptedException {
    try (var node = FaultNode.start(installation, Optional.empty());
        var heard = Heard.start(node.exchange())) {
      Yard yard = Yard.of(node, heard, 1);
      var states = new Cycles(yard).run(cycles, progress);
      return new CycleReport(states, yard.ledger().sentences());
    }
  }

  private List<CycleReport.State> run(int cycles, FaultSuite.Progress progress)
      throws IOException, InterruptedException {
    var states = new ArrayList<CycleReport.State>();
    long start = System.nanoTime();
    for (int i = 1; i <= cycles; i++) {
      Kind kind = i % NATIVE == 0 ? Kind.NATIVE : Kind.WASM;
      boolean _ = yard.trial(yard.newId(), kind.ending(i % 100)).live(new Random(1));
      if (i == SETTLED || i == cycles || i % 1000 == 0) {
        new Agreement(yard).check();
        yard.runs().clear();
        states.add(state(i, start));
        progress.at(states.getLast().toString());
      }
    }
    return states;
  }

  private CycleReport.State state(int cycle, long start) throws IOException, InterruptedException {
    long daemon = only(yard.node().daemon(), "daemon");
    long engine = only(yard.node().engine(), "engine");
    long heap = heap(daemon);
    Holdings ofDaemon = Holdings.of(daemon);
    Holdings ofEngine = Holdings.of(engine);
    return new CycleReport.State(
        cycle,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
        daemon,
        engine,
        ofDaemon.descriptors(),
        ofEngine.descriptors(),
        ofDaemon.threads(),
        ofEngine.threads(),
        ProcessMemory.pss(daemon) >> 10,
        ProcessMemory.pss(engine) >> 10,
        heap);
  }

  private static long only(OptionalLong pid, String what) throws IOException {
    return pid.orElseThrow(() -> new IOException("there is no " + what));
  }

  /// The daemon's heap after a full collection.
  ///
  /// @return KiB
  private static long heap(long daemon) throws IOException, InterruptedException {
    jcmd(daemon, "GC.run");
    var used = HEAP.matcher(jcmd(daemon, "GC.heap_info"));
    if (!used.matches()) {
      throw new IOException("jcmd tells no heap");
    }
    return Long.parseLong(used.group(1)) + Long.parseLong(used.group(2));
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    String program = System.getProperty("java.home", "") + "/bin/jcmd";
    Process jcmd =
        new ProcessBuilder(program, Long.toString(pid), command).redirectErrorStream(true).start();
    var answer = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (jcmd.waitFor() != 0) {
      throw new IOException("jcmd %d %s: %s".formatted(pid, command, answer));
    }
    return answer;
  }
}
