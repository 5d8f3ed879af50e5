package dev.krustlet.shim.engine;

import java.time.Instant;

/// How and when a container ended.
///
/// @param status its exit code, or 128 + the signal that ended it
public record Exit(int status, Instant at) {}
