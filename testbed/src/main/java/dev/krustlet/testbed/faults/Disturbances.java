package dev.krustlet.testbed.faults;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// Which faults there have been and when, for those who ask what may be blamed on them.
final class Disturbances {
  private static final class Entry {
    private final Set<Damage> damage;
    private volatile long until = Long.MAX_VALUE;

    Entry(Set<Damage> damage) {
      this.damage = damage;
    }
  }

  /// A fault that lasts until it is closed.
  interface Lasting extends AutoCloseable {
    @Override
    void close();
  }

  private final List<Entry> entries = new CopyOnWriteArrayList<>();

  Lasting begin(Set<Damage> damage) {
    var entry = new Entry(damage);
    entries.add(entry);
    return () -> entry.until = System.nanoTime();
  }

  /// All damage that may have been done from then until now.
  ///
  /// @param then of [System#nanoTime]
  Set<Damage> since(long then) {
    var all = EnumSet.noneOf(Damage.class);
    for (Entry each : entries) {
      if (each.until == Long.MAX_VALUE || each.until - then > 0) {
        all.addAll(each.damage);
      }
    }
    return all;
  }

  /// Between two rounds, when nothing lives that they may have hurt.
  void forget() {
    entries.clear();
  }
}
