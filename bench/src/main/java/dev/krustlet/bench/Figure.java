package dev.krustlet.bench;

/// One thing measured.
///
/// @param name for machines; never changes its meaning
/// @param what for people
/// @param values in the unit
/// @param atMost what the median is meant not to exceed; infinite without a target
record Figure(String name, String what, Unit unit, Distribution values, double atMost) {
  /// What a value counts.
  enum Unit {
    MILLISECONDS("ms"),
    MEBIBYTES("MiB"),
    KIBIBYTES("KiB"),
    PER_SECOND("1/s");

    private final String symbol;

    Unit(String symbol) {
      this.symbol = symbol;
    }

    String symbol() {
      return symbol;
    }
  }

  /// One without a target.
  Figure(String name, String what, Unit unit, Distribution values) {
    this(name, what, unit, values, Double.POSITIVE_INFINITY);
  }

  Figure meantToBeAtMost(double target) {
    return new Figure(name, what, unit, values, target);
  }

  boolean hasTarget() {
    return Double.isFinite(atMost);
  }

  boolean meetsTarget() {
    return median() <= atMost;
  }

  double median() {
    return values.percentile(50);
  }
}
