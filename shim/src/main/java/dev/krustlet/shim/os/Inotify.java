package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.file.Path;

/// Tells when files were written to, by becoming readable. For cgroup v2's `memory.events`, which
/// the kernel announces that way.
public final class Inotify implements AutoCloseable {
  private static final int IN_MODIFY = 2;
  private static final int BUFFER = 4096;

  private final Fd fd;

  private Inotify(Fd fd) {
    this.fd = fd;
  }

  public static Inotify create() throws IOException {
    return new Inotify(LibcEvents.inotify());
  }

  public void watchModify(Path file) throws IOException {
    LibcEvents.watch(fd, file.toString(), IN_MODIFY);
  }

  public Fd fd() {
    return fd;
  }

  /// Takes what was told so far, so that [#fd] is readable again only after the next change. Never
  /// blocks.
  public void drain() throws IOException {
    try {
      while (LibcFiles.read(fd, BUFFER).length > 0) {}
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
    }
  }

  @Override
  public void close() throws ErrnoException {
    fd.close();
  }
}
