package dev.krustlet.shim.policy;

import java.time.Duration;

/// How a bound is written.
public enum Unit {
  /// A whole number.
  COUNT {
    @Override
    long read(String text) {
      if (!text.matches("\\d{1,9}")) {
        throw new IllegalArgumentException("'%s' is no number like 16".formatted(text));
      }
      return Long.parseLong(text);
    }

    @Override
    public String write(long value) {
      return Long.toString(value);
    }
  },
  /// Bytes.
  SIZE {
    @Override
    long read(String text) {
      return ByteSize.parse(text);
    }

    @Override
    public String write(long value) {
      return ByteSize.readable(value);
    }
  },
  /// Milliseconds.
  TIME {
    @Override
    long read(String text) {
      return TimeSpan.parse(text).toMillis();
    }

    @Override
    public String write(long value) {
      Duration time = Duration.ofMillis(value);
      return time.toMillisPart() == 0 ? time.toSeconds() + "s" : value + "ms";
    }
  };

  abstract long read(String text);

  /// The value as a message shows it.
  public abstract String write(long value);

  /// The value of a text, which is more than nothing.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  public long parse(String text) {
    long value = read(text);
    if (value == 0) {
      throw new IllegalArgumentException("'%s' must be more than nothing".formatted(text));
    }
    return value;
  }
}
