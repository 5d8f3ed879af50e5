package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.faults.Ledger.Wrong;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// There is no room for another byte.
enum FullDisk implements Fault {
  /// What is compiled already has to run all the same.
  CACHE("disk full in the cache") {
    @Override
    public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
      Workload module = Modules.fresh(yard);
      for (Workload each : List.of(Kind.WASM.counting(1), Kind.WASM.ending(0))) {
        boolean _ = yard.trial(yard.newId(), each).live(yard.random()); // compiled, if not before
      }
      yard.node().cache().fill();
      try {
        boolean _ = yard.trial(yard.newId(), module).excused().live(yard.random());
      } finally {
        yard.node().cache().empty();
      }
      if (!yard.trial(yard.newId(), module).live(yard.random())) {
        yard.ledger().wrong(Wrong.OTHER, "no container after the cache had room again");
      }
      Modules.remove(yard, module);
      return true;
    }
  },

  BUNDLES("disk full in the bundles' directory") {
    @Override
    public Set<Damage> damage() {
      return EnumSet.of(Damage.CALLS_FAIL);
    }

    @Override
    public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
      yard.node().bundles().fill();
      try {
        TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(1500));
      } finally {
        yard.node().bundles().empty();
      }
      return true;
    }
  };

  private final String words;

  FullDisk(String words) {
    this.words = words;
  }

  @Override
  public String words() {
    return words;
  }
}
