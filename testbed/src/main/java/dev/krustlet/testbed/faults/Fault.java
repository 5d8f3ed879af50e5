package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.util.Random;
import java.util.Set;

/// Something that happens to a node while containers live on it.
interface Fault {
  /// For the table of counts.
  String words();

  /// What it may cost.
  default Set<Damage> damage() {
    return Set.of();
  }

  /// Makes it happen, and returns when it is over.
  ///
  /// @return false if there was nothing it could happen to
  boolean inject(Yard yard, Random random) throws IOException, InterruptedException;
}
