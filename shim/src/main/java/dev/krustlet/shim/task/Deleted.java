package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Exit;

/// What is left of a deleted task.
public record Deleted(int pid, Exit exit) {}
