package dev.krustlet.testbed;

/// How a command ended, and all that it wrote.
public record Finished(int status, String out, String err) {}
