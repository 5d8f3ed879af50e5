package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.faults.Ledger.Wrong;
import java.io.IOException;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Daemon and engine may make hardly another thread or process.
final class FullThreads implements Fault {
  @Override
  public String words() {
    return "thread limit reached";
  }

  @Override
  public Set<Damage> damage() {
    return EnumSet.of(Damage.CALLS_FAIL);
  }

  @Override
  public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
    OptionalLong daemon = yard.node().daemon();
    OptionalLong engine = yard.node().engine();
    if (daemon.isEmpty() || engine.isEmpty()) {
      return false;
    }
    try (var limit =
        PidLimit.on(yard.node().bed().name(), daemon.getAsLong(), engine.getAsLong())) {
      limit.leaveRoomFor(random.nextInt(6));
      TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(1500));
    }
    if (!yard.node().daemon().equals(daemon) || !yard.node().engine().equals(engine)) {
      yard.ledger().wrong(Wrong.OTHER, "daemon or engine died at the limit of threads");
    }
    return true;
  }
}
