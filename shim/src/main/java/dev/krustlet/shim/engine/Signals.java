package dev.krustlet.shim.engine;

/// Numbers of Linux signals, the same on every machine that we run on.
public final class Signals {
  public static final int KILL = 9;

  private Signals() {}
}
