package dev.krustlet.shim.os;

import java.io.IOException;
import java.io.Serial;

/// A system call failed; says which one, on what, and why.
public final class ErrnoException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  private final int errno;

  ErrnoException(String operation, String subject, int errno) {
    super("%s %s: %s".formatted(operation, subject, Errno.describe(errno)));
    this.errno = errno;
  }

  /// One of the numbers in [Errno], or another one of the kernel's.
  public int errno() {
    return errno;
  }
}
