package dev.krustlet.shim.os;

/// Flags of open(2). O_DIRECTORY and O_NOFOLLOW have numbers of their own on aarch64.
final class OpenFlags {
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0100;
  static final int O_EXCL = 0200;
  static final int O_NOCTTY = 0400;
  static final int O_TRUNC = 01000;
  static final int O_APPEND = 02000;
  static final int O_NONBLOCK = 04000;
  static final int O_DIRECTORY = Arch.X86_64 ? 0200000 : 040000;
  static final int O_NOFOLLOW = Arch.X86_64 ? 0400000 : 0100000;
  static final int O_CLOEXEC = 02000000;
  static final int O_PATH = 010000000;

  private OpenFlags() {}
}
