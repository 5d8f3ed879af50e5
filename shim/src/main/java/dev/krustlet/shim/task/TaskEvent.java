package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.oci.Mount;
import java.nio.file.Path;
import java.util.List;

/// What became of a task. For one task they come in this order: created, started, out of memory,
/// exited, deleted.
public sealed interface TaskEvent {
  /// The container's id.
  String id();

  record Created(String id, Path bundle, List<Mount> rootfs, Stdio stdio, int pid)
      implements TaskEvent {}

  record Started(String id, int pid) implements TaskEvent {}

  record OutOfMemory(String id) implements TaskEvent {}

  record Exited(String id, int pid, Exit exit) implements TaskEvent {}

  record Deleted(String id, int pid, Exit exit) implements TaskEvent {}
}
