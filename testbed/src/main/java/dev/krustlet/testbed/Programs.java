package dev.krustlet.testbed;

/// Words by which the processes of an installation are found: no other process has them in its
/// command line.
public final class Programs {
  /// The launcher gives this property to the daemon's JVM, which has no use for it itself.
  public static final String DAEMON = "-Dkrustlet.process=daemon";

  public static final String ENGINE = "krustlet-engine";

  private Programs() {}
}
