package dev.krustlet.shim.engine;

import java.time.Instant;

/// How and when a container ended.
///
/// @param status its exit code, or 128 + the signal that ended it
public record Exit(int status, Instant at) {
  private static final int NEVER_RAN = 255;

  /// The exit of a process that a SIGKILL ended, or that is lost.
  public static Exit killed(Instant at) {
    return new Exit(128 + Signals.KILL, at);
  }

  /// The exit of a process that never ran.
  public static Exit neverRan(Instant at) {
    return new Exit(NEVER_RAN, at);
  }
}
