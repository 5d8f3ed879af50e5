package dev.krustlet.shim.housebreaker;

import java.io.IOException;

/// Prints where only `daemon` may, and starts programs as nobody may.
public final class SneakyRoom {
  private SneakyRoom() {}

  /// Breaks the rule.
  public static void shout() {
    System.out.println("out of my room");
  }

  /// Breaks another.
  public static Process start() throws IOException {
    return new ProcessBuilder("true").start();
  }
}
