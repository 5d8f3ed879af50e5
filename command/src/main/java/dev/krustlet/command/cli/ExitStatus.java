package dev.krustlet.command.cli;

/// What the command ends with when it is not a guest's own status: the numbers of sysexits(3).
final class ExitStatus {
  static final int USAGE = 64;
  static final int BAD_MODULE = 65;
  static final int NO_INPUT = 66;
  static final int UNAVAILABLE = 69;
  static final int INTERNAL = 70;
  static final int IO_ERROR = 74;
  static final int NO_PERMISSION = 77;

  private ExitStatus() {}
}
