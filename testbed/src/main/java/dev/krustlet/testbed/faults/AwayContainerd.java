package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// containerd, which is the log's reader and the events' listener, is away for a while.
enum AwayContainerd implements Fault {
  /// Ended and started again; its ends of the fifos go with it.
  RESTARTED("containerd stopped and started") {
    @Override
    public Set<Damage> damage() {
      return EnumSet.of(Damage.CALLS_FAIL, Damage.DEAF);
    }

    @Override
    public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
      var containerd = yard.node().service();
      if (random.nextBoolean()) {
        containerd.kill();
      } else {
        containerd.stop();
      }
      yard.readers().leave();
      TimeUnit.MILLISECONDS.sleep(random.nextInt(1500));
      containerd.start();
      yard.readers().comeBack();
      yard.heard().awaitHearing();
      return true;
    }
  },

  /// It answers nobody and takes no events, but keeps all it has open.
  STALLED("containerd and its event socket stalled") {
    @Override
    public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
      yard.node().service().signal("STOP");
      try {
        TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(1500));
      } finally {
        yard.node().service().signal("CONT");
      }
      return true;
    }
  },

  READERS_STILL("log readers gone for seconds") {
    @Override
    public boolean inject(Yard yard, Random random) throws InterruptedException {
      yard.readers().standStill();
      TimeUnit.MILLISECONDS.sleep(1000 + random.nextInt(2000));
      yard.readers().comeBack();
      return true;
    }
  };

  private final String words;

  AwayContainerd(String words) {
    this.words = words;
  }

  @Override
  public String words() {
    return words;
  }
}
