package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// An open file descriptor. Whoever holds it owns it and closes it; it closes on exec.
///
/// A descriptor is not used by one thread while another one closes it.
public final class Fd implements AutoCloseable {
  private static final int CLOSED = -1;

  private final AtomicInteger number;

  Fd(int number) {
    this.number = new AtomicInteger(number);
  }

  /// Opens a file for reading by a path whose owner is trusted: links in it are followed. What a
  /// container brings is opened beneath its [RootDirectory] instead.
  public static Fd openTrusted(Path path) throws ErrnoException {
    return LibcFiles.open(path.toString(), OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0);
  }

  /// Opens a file for writing by a path whose owner is trusted; makes it if it is missing, and
  /// empties it.
  static Fd openTrustedForWriting(Path path) throws ErrnoException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_CLOEXEC;
    return LibcFiles.open(path.toString(), flags, 0666);
  }

  /// Holds the place of a file of any kind, unopened, by a path whose owner is trusted.
  public static Fd locateTrusted(Path path) throws ErrnoException {
    return LibcFiles.open(path.toString(), OpenFlags.O_PATH | OpenFlags.O_CLOEXEC, 0);
  }

  /// The file at this place, opened for reading. Neither a fifo nor a device is to be opened so, as
  /// that alone can have effects.
  public Fd openedForReading() throws ErrnoException {
    int flags =
        OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY;
    return LibcFiles.open(procPath().toString(), flags, 0);
  }

  /// The number the kernel knows it by; one it refuses (`EBADF`) after [#close].
  int number() {
    return number.get();
  }

  /// A path to the very same open file, for this process and those that may look into it, as long
  /// as this descriptor is open. Opening it makes a descriptor with a mode of its own.
  public Path procPath() {
    return Path.of("/proc/self/fd/" + number());
  }

  /// The first bytes of the file, fewer than `n` only if the file is shorter. Does not move a
  /// reading position.
  public byte[] readUpTo(int n) throws IOException {
    return LibcFiles.pread(this, n);
  }

  /// Bytes in a regular file.
  public long size() throws IOException {
    return Stat.of(this).identity().size();
  }

  public boolean isRegularFile() throws IOException {
    return Stat.of(this).isRegularFile();
  }

  public boolean isDirectory() throws IOException {
    return Stat.of(this).isDirectory();
  }

  /// Whether it belongs to the kernel's file system of processes, /proc.
  public boolean isOfProc() throws IOException {
    return LibcMounts.fileSystem(this) == LibcMounts.PROC_SUPER_MAGIC;
  }

  /// Whether anybody at all has the right to execute it.
  public boolean isExecutable() throws IOException {
    return Stat.of(this).isExecutable();
  }

  @Override
  public void close() throws ErrnoException {
    int n = number.getAndSet(CLOSED);
    if (n != CLOSED) {
      LibcDescriptors.close(n);
    }
  }

  @Override
  public String toString() {
    return "fd " + number();
  }
}
