package dev.krustlet.bench;

import java.util.Optional;

/// One thing measured.
///
/// @param name for machines; never changes its meaning
/// @param what for people
/// @param values in the unit
/// @param target what the median is meant to meet
record Figure(String name, String what, Unit unit, Distribution values, Optional<Target> target) {
  /// What a value counts.
  enum Unit {
    MILLISECONDS("ms"),
    MICROSECONDS("us"),
    MEBIBYTES("MiB"),
    KIBIBYTES("KiB"),
    PER_SECOND("1/s"),
    TIMES("x");

    private final String symbol;

    Unit(String symbol) {
      this.symbol = symbol;
    }

    String symbol() {
      return symbol;
    }
  }

  /// A bound.
  ///
  /// @param upper whether less is better
  record Target(double value, boolean upper) {
    boolean isMetBy(double median) {
      return upper ? median <= value : median >= value;
    }

    String sign() {
      return upper ? "<=" : ">=";
    }
  }

  /// One without a target.
  Figure(String name, String what, Unit unit, Distribution values) {
    this(name, what, unit, values, Optional.empty());
  }

  Figure meantToBeAtMost(double value) {
    return new Figure(name, what, unit, values, Optional.of(new Target(value, true)));
  }

  Figure meantToBeAtLeast(double value) {
    return new Figure(name, what, unit, values, Optional.of(new Target(value, false)));
  }

  boolean meets(Target bound) {
    return bound.isMetBy(median());
  }

  double median() {
    return values.percentile(50);
  }
}
