package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// Tells when files were written to, by becoming readable. For cgroup v2's `memory.events`, which
/// the kernel announces that way.
public final class Inotify implements AutoCloseable {
  private static final int IN_MODIFY = 2;
  private static final int BUFFER = 4096;

  /// Of a struct inotify_event: watch, mask, cookie and the length of the name behind them.
  private static final int HEAD = 16;

  private final Fd fd;

  private Inotify(Fd fd) {
    this.fd = fd;
  }

  public static Inotify create() throws IOException {
    return new Inotify(LibcEvents.inotify());
  }

  /// @return the number of the watch; the same for the same file
  public int watchModify(Path file) throws IOException {
    return LibcEvents.watch(fd, file.toString(), IN_MODIFY);
  }

  /// Ends a watch, unless it has ended with its file.
  public void unwatch(int watch) throws IOException {
    try {
      LibcEvents.unwatch(fd, watch);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
    }
  }

  public Fd fd() {
    return fd;
  }

  /// Takes what was told so far, so that [#fd] is readable again only after the next change. Never
  /// blocks.
  ///
  /// @return the watches whose files have changed; -1 if there were too many to tell
  public Set<Integer> changed() throws IOException {
    var watches = new HashSet<Integer>();
    try {
      byte[] told = LibcFiles.read(fd, BUFFER);
      while (told.length > 0) {
        collect(ByteBuffer.wrap(told).order(ByteOrder.nativeOrder()), watches);
        told = LibcFiles.read(fd, BUFFER);
      }
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
    }
    return watches;
  }

  private static void collect(ByteBuffer told, Set<Integer> watches) {
    while (told.hasRemaining()) {
      watches.add(told.getInt(told.position()));
      int name = told.getInt(told.position() + HEAD - Integer.BYTES);
      told.position(told.position() + HEAD + name);
    }
  }

  @Override
  public void close() throws ErrnoException {
    fd.close();
  }
}
