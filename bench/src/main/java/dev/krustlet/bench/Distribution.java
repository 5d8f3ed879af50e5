package dev.krustlet.bench;

import java.util.Arrays;
import java.util.Collection;

/// Values of one kind, seen one after the other.
final class Distribution {
  private final double[] sorted;

  private Distribution(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("there is no distribution of no values");
    }
    this.sorted = values.clone();
    Arrays.sort(sorted);
  }

  static Distribution of(Collection<Double> values) {
    return new Distribution(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  static Distribution of(double... values) {
    return new Distribution(values);
  }

  int count() {
    return sorted.length;
  }

  double min() {
    return sorted[0];
  }

  double max() {
    return sorted[sorted.length - 1];
  }

  /// The smallest of the values that at least so many of a hundred do not exceed: always one that
  /// was seen, never one between two.
  double percentile(int percent) {
    if (percent < 1 || percent > 100) {
      throw new IllegalArgumentException("%d is no percentile from 1 to 100".formatted(percent));
    }
    return sorted[(int) Math.ceilDiv((long) percent * sorted.length, 100L) - 1];
  }
}
