package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Exit;

/// Where a task is in its life.
public sealed interface TaskState {
  /// Made ready; nothing of it has run.
  record Created() implements TaskState {}

  record Running() implements TaskState {}

  /// Ended; it stays until it is deleted.
  record Stopped(Exit exit) implements TaskState {}
}
