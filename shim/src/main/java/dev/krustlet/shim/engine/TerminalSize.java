package dev.krustlet.shim.engine;

/// How large a terminal is, in characters.
public record TerminalSize(int columns, int rows) {}
