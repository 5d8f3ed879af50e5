package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.OpenFlags.O_CLOEXEC;
import static dev.krustlet.shim.os.OpenFlags.O_NONBLOCK;
import static dev.krustlet.shim.os.OpenFlags.O_PATH;
import static dev.krustlet.shim.os.OpenFlags.O_RDONLY;
import static dev.krustlet.shim.os.OpenFlags.O_RDWR;
import static dev.krustlet.shim.os.OpenFlags.O_WRONLY;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Named pipes. No open here ever blocks, and none opens anything but a fifo.
public final class Fifos {
  private Fifos() {}

  /// Both ends in one: it never meets a missing reader or writer, so that a pipe survives whoever
  /// is at its other end, and it never sees end of file.
  public static Fd openReadWrite(Path fifo) throws IOException {
    return open(fifo, O_RDWR);
  }

  /// The writing end alone.
  ///
  /// @throws ErrnoException `ENXIO` if nobody has it open for reading
  public static Fd openWrite(Path fifo) throws IOException {
    return open(fifo, O_WRONLY);
  }

  public static Fd openRead(Path fifo) throws IOException {
    return open(fifo, O_RDONLY);
  }

  /// Makes a fifo for the owner alone.
  public static void create(Path fifo) throws IOException {
    LibcFiles.mkfifo(fifo.toString(), 0600);
  }

  /// Makes a fifo another user's. Those of root stay with whom they are.
  public static void giveTo(Path fifo, int uid, int gid) throws IOException {
    if (uid != 0 || gid != 0) {
      try (Fd held = openReadWrite(fifo)) {
        Files.setAttribute(held.procPath(), "unix:uid", uid);
        Files.setAttribute(held.procPath(), "unix:gid", gid);
      }
    }
  }

  public static boolean isFifo(Path path) throws IOException {
    try {
      return Stat.of(path).isFifo();
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return false;
      }
      throw e;
    }
  }

  private static Fd open(Path fifo, int access) throws IOException {
    try (var place = LibcFiles.open(fifo.toString(), O_PATH | O_CLOEXEC, 0)) {
      if (!Stat.of(place).isFifo()) {
        throw new IOException("open " + fifo + ": not a fifo");
      }
      return LibcFiles.open(place.procPath().toString(), access | O_NONBLOCK | O_CLOEXEC, 0);
    }
  }
}
