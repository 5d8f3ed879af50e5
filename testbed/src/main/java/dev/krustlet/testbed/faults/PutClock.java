package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// The daemon's wall clock steps forward and back.
final class PutClock implements Fault {
  private static final int DAY = 86_400; // seconds

  @Override
  public String words() {
    return "wall clock put";
  }

  @Override
  public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
    for (int i = 0; i < 3; i++) {
      yard.node().clock().put(Duration.ofSeconds(random.nextInt(2 * DAY) - DAY));
      TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(300));
    }
    return true;
  }
}
