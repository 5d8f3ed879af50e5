package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Stdio;
import java.nio.file.Path;

/// A task as it was at one moment.
public record TaskView(String id, Path bundle, int pid, Stdio stdio, TaskState state) {}
