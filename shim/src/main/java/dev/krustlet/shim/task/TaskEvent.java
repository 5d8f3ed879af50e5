package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.oci.Mount;
import java.nio.file.Path;
import java.util.List;

/// What became of a task. For one process they come in this order: created (or added), started, out
/// of memory, exited, deleted; the exit of init is the last exit of its container.
public sealed interface TaskEvent {
  /// The container's id.
  String id();

  record Created(String id, Path bundle, List<Mount> rootfs, Stdio stdio, int pid)
      implements TaskEvent {}

  record Started(String id, int pid) implements TaskEvent {}

  record ExecAdded(String id, String exec) implements TaskEvent {}

  record ExecStarted(String id, String exec, int pid) implements TaskEvent {}

  record Paused(String id) implements TaskEvent {}

  record Resumed(String id) implements TaskEvent {}

  record Checkpointed(String id, Path images) implements TaskEvent {}

  record OutOfMemory(String id) implements TaskEvent {}

  /// @param process the exec's id, or the container's for its init
  record Exited(String id, String process, int pid, Exit exit) implements TaskEvent {}

  record Deleted(String id, int pid, Exit exit) implements TaskEvent {}
}
