package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Stdio;
import java.nio.file.Path;

/// A process of a task as it was at one moment.
///
/// @param id the container's for its init, else the exec's
/// @param pid 0 for an exec that has not started
public record TaskView(String id, Path bundle, int pid, Stdio stdio, TaskState state) {}
