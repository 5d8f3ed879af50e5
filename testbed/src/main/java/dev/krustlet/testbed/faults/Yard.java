package dev.krustlet.testbed.faults;

import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// All that containers live in and are judged by: the node, its readers and listeners, the faults
/// there have been, and the ledger.
record Yard(
    FaultNode node,
    Readers readers,
    Heard heard,
    Disturbances disturbances,
    Ledger ledger,
    Random seeds,
    AtomicInteger ids,
    Queue<Run> runs,
    Queue<Trial> living) {

  static Yard of(FaultNode node, Heard heard, long seed) {
    return new Yard(
        node,
        new Readers(),
        heard,
        new Disturbances(),
        new Ledger(),
        new Random(seed),
        new AtomicInteger(),
        new ConcurrentLinkedQueue<>(),
        new ConcurrentLinkedQueue<>());
  }

  /// Never the same twice.
  String newId() {
    return "c" + ids.incrementAndGet();
  }

  /// Randomness of one's own that follows from the suite's seed.
  synchronized Random random() {
    return new Random(seeds.nextLong());
  }

  /// A trial of a container that does that.
  Trial trial(String id, Workload workload) {
    return new Trial(this, id, workload);
  }

  /// Those first processes of containers that run and do not end by themselves.
  Stream<Run> running() {
    return living.stream().flatMap(trial -> trial.endless().stream());
  }
}
