package dev.krustlet.shim.os;

/// Where the two architectures we run on differ.
final class Arch {
  static final boolean X86_64 = "amd64".equals(System.getProperty("os.arch"));

  private Arch() {}
}
