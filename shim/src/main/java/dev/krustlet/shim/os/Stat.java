package dev.krustlet.shim.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/// What statx(2) tells of a file; its layout is the same on every architecture.
record Stat(int mode, FileIdentity identity) {
  private static final int S_IFMT = 0xf000;
  private static final int S_IFIFO = 0x1000;
  private static final int S_IFDIR = 0x4000;
  private static final int S_IFREG = 0x8000;
  private static final int S_IFLNK = 0xa000;

  // linux/stat.h, struct statx
  private static final int BASIC = 0x7ff;
  private static final int MODE = 28;
  private static final int INODE = 32;
  private static final int SIZE = 40;
  private static final int CTIME = 96;
  private static final int MTIME = 112;
  private static final int DEVICE_MAJOR = 136;
  private static final int DEVICE_MINOR = 140;

  static Stat of(Fd fd) throws ErrnoException {
    return of(fd.number(), "", LibcFiles.AT_EMPTY_PATH, fd);
  }

  static Stat of(Path path) throws ErrnoException {
    return of(LibcFiles.AT_FDCWD, path.toString(), 0, path);
  }

  static Stat of(int directory, String path, int flags, Object subject) throws ErrnoException {
    return LibcFiles.statx(directory, path, flags, BASIC, subject, Stat::read);
  }

  private static Stat read(MemorySegment statx) {
    long device =
        ((long) statx.get(Native.INT, DEVICE_MAJOR) << 32)
            | Integer.toUnsignedLong(statx.get(Native.INT, DEVICE_MINOR));
    var identity =
        new FileIdentity(
            device,
            statx.get(Native.LONG, INODE),
            statx.get(Native.LONG, SIZE),
            nanos(statx, MTIME),
            nanos(statx, CTIME));
    return new Stat(Short.toUnsignedInt(statx.get(ValueLayout.JAVA_SHORT, MODE)), identity);
  }

  private static long nanos(MemorySegment statx, int offset) {
    long seconds = statx.get(Native.LONG, offset);
    return seconds * 1_000_000_000L + statx.get(Native.INT, offset + Long.BYTES);
  }

  boolean isFifo() {
    return (mode & S_IFMT) == S_IFIFO;
  }

  boolean isDirectory() {
    return (mode & S_IFMT) == S_IFDIR;
  }

  boolean isRegularFile() {
    return (mode & S_IFMT) == S_IFREG;
  }

  boolean isSymbolicLink() {
    return (mode & S_IFMT) == S_IFLNK;
  }

  boolean isExecutable() {
    return isRegularFile() && (mode & 0111) != 0;
  }
}
