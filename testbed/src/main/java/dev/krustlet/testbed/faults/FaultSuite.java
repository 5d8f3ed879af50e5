package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.faults.Ledger.Wrong;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Rounds of containers that live and die at random while faults come one after the other. After
/// each round all are deleted, and all accounts have to agree.
public final class FaultSuite {
  private static final int WORKERS = 4;
  private static final int FAULTS_A_ROUND = 4;
  private static final int MOST_EXTRA_ROUNDS = 12;

  private final Yard yard;
  private final Random random;
  private final Agreement agreement;
  private final List<Fault> all;
  private final List<Fault> deck = new ArrayList<>();
  private int rounds;

  private FaultSuite(Yard yard, Plan plan) throws IOException {
    this.yard = yard;
    this.random = new Random(plan.seed());
    this.all = all().stream().filter(fault -> fault.words().contains(plan.only())).toList();
    if (all.isEmpty()) {
      throw new IOException("no fault has the words '%s'".formatted(plan.only()));
    }
    this.agreement = new Agreement(yard);
  }

  /// Runs on a private node until the time is up, and until each fault has come once.
  ///
  /// @param logs a directory for copies of the daemons' logs
  /// @param progress is told in words what is being done
  public static FaultReport run(
      Installation installation, Plan plan, Optional<Path> logs, Progress progress)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (var node = FaultNode.start(installation, logs);
        var heard = Heard.start(node.exchange())) {
      Yard yard = Yard.of(node, heard, plan.seed());
      var suite = new FaultSuite(yard, plan);
      try {
        suite.rounds(start + TimeUnit.SECONDS.toNanos(plan.seconds()), progress);
      } catch (IOException e) {
        yard.ledger().wrong(Wrong.OTHER, "round %d: %s".formatted(suite.rounds, reasons(e)));
      }
      long took = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
      return FaultReport.of(plan.seed(), took, suite.rounds, yard.ledger());
    }
  }

  /// What is to be done.
  ///
  /// @param seed what all chance follows from, except the machine's own
  /// @param seconds how long new rounds begin
  /// @param only a part of the names of the faults that are wanted; empty for all
  public record Plan(long seed, int seconds, String only) {}

  /// Who wants to know how far it has come.
  @FunctionalInterface
  public interface Progress {
    void at(String what);
  }

  /// Every fault there is, in no order.
  private static List<Fault> all() {
    var all = new ArrayList<Fault>();
    Collections.addAll(all, KilledProcess.values());
    Collections.addAll(all, KilledHelper.values());
    Collections.addAll(all, AwayContainerd.values());
    Collections.addAll(all, FullDisk.values());
    Collections.addAll(all, DamagedCache.values());
    all.add(new FullThreads());
    all.add(new PutClock());
    return all;
  }

  /// The names of every fault there is.
  public static Set<String> names() {
    return all().stream().map(Fault::words).collect(Collectors.toSet());
  }

  private static String reasons(Throwable problem) {
    return Stream.iterate(problem, each -> each != null, Throwable::getCause)
        .map(Throwable::toString)
        .collect(Collectors.joining(", for "));
  }

  private void rounds(long end, Progress progress) throws IOException, InterruptedException {
    try (var crowd = new Crowd(yard, WORKERS)) {
      calibrate();
      while (System.nanoTime() < end || (isIncomplete() && rounds < MOST_EXTRA_ROUNDS)) {
        rounds++;
        round(crowd, progress);
      }
    }
  }

  /// Whether there is a fault that has not come yet.
  private boolean isIncomplete() {
    return !all.stream().allMatch(fault -> yard.ledger().faults().containsKey(fault.words()));
  }

  private void round(Crowd crowd, Progress progress) throws IOException, InterruptedException {
    crowd.start();
    for (int i = 0; i < FAULTS_A_ROUND; i++) {
      TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(600));
      Fault fault = draw();
      progress.at("round %d: %s".formatted(rounds, fault.words()));
      inject(fault);
    }
    TimeUnit.MILLISECONDS.sleep(300);
    new LivingAgreement(yard).check();
    crowd.stop();
    agreement.check();
    yard.runs().clear();
    yard.disturbances().forget();
    calibrate();
  }

  /// All of them come once before any comes twice.
  private Fault draw() {
    if (deck.isEmpty()) {
      deck.addAll(all);
      Collections.shuffle(deck, random);
    }
    return deck.removeLast();
  }

  private void inject(Fault fault) throws IOException, InterruptedException {
    var fate = new Random(random.nextLong());
    try (var _ = yard.disturbances().begin(fault.damage())) {
      if (fault.inject(yard, fate)) {
        yard.ledger().injected(fault.words());
      } else {
        deck.addFirst(fault); // nothing it could happen to: later
      }
    }
  }

  /// Lets a new daemon or engine do everything once, so that what it keeps for good is known.
  private void calibrate() throws IOException, InterruptedException {
    if (agreement.isStale()) {
      for (Kind kind : Kind.values()) {
        var fate = new Random(1);
        boolean _ = yard.trial(yard.newId(), kind.counting(1000)).live(fate);
        boolean _ = yard.trial(yard.newId(), kind.ending(7)).live(fate);
        boolean _ = yard.trial(yard.newId(), kind.endless()).live(fate);
      }
      agreement.check();
      agreement.remember();
      yard.runs().clear();
    }
  }
}
