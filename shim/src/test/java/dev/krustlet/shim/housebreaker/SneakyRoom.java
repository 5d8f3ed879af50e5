package dev.krustlet.shim.housebreaker;

/// Prints where only `cli` may.
public final class SneakyRoom {
  private SneakyRoom() {}

  /// Breaks the rule.
  public static void shout() {
    System.out.println("out of my room");
  }
}
