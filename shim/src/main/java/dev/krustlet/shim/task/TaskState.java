package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Exit;

/// Where a process is in its life.
public sealed interface TaskState {
  /// Made ready; nothing of it has run.
  record Created() implements TaskState {}

  record Running() implements TaskState {}

  /// Started, and stopped where it was until it is resumed.
  record Paused() implements TaskState {}

  /// Ended; it stays until it is deleted.
  record Stopped(Exit exit) implements TaskState {}

  /// How a refusal calls it.
  default String word() {
    return switch (this) {
      case Created _ -> "created";
      case Running _ -> "running";
      case Paused _ -> "paused";
      case Stopped _ -> "stopped";
    };
  }
}
