package dev.krustlet.command.cli;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// How options of this command become flags of the engine's.
final class EngineFlag {
  /// Stands for an empty list.
  static final String NONE = "none";

  private EngineFlag() {}

  /// A count or a number of bytes, which is more than nothing.
  static void number(List<String> arguments, String option, @Nullable Number value)
      throws CommandException {
    if (value != null) {
      if (value.longValue() <= 0) {
        throw new CommandException(
            ExitStatus.USAGE, "%s %s: must be more than nothing".formatted(option, value));
      }
      arguments.addAll(List.of(option, value.toString()));
    }
  }

  /// A time, which the engine takes in milliseconds.
  static void time(List<String> arguments, String option, @Nullable Duration value)
      throws CommandException {
    if (value != null) {
      if (!value.isPositive()) {
        throw new CommandException(ExitStatus.USAGE, option + ": must be more than nothing");
      }
      arguments.addAll(List.of(option + "-ms", Long.toString(value.toMillis())));
    }
  }

  /// Values of an option that may be repeated, or the word for none.
  static void list(
      List<String> arguments, String option, List<String> values, Function<String, ?> parse)
      throws CommandException {
    for (String value : values) {
      try {
        if (!value.equals(NONE)) {
          var _ = parse.apply(value);
        }
      } catch (IllegalArgumentException e) {
        throw new CommandException(
            ExitStatus.USAGE, "%s %s: %s".formatted(option, value, e.getMessage()));
      }
      arguments.addAll(List.of(option, value));
    }
  }
}
