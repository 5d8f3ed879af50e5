package dev.krustlet.shim.task;

/// A process of a task, as the kernel knows it.
///
/// @param exec the exec whose first process it is; empty for any other
public record TaskPid(int pid, String exec) {}
