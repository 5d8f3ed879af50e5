package dev.krustlet.shim.os;

import java.util.Map;
import java.util.stream.Collectors;

/// The kernel's error numbers, equal on x86_64 and aarch64, with the words people know them by.
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int EBADF = 9;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENXIO = 6;
  public static final int EROFS = 30;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOSYS = 38;
  public static final int ELOOP = 40;

  private static final String TABLE =
      """
      1 EPERM operation not permitted
      2 ENOENT no such file or directory
      3 ESRCH no such process
      4 EINTR interrupted by a signal
      5 EIO input/output error
      6 ENXIO no such device, or nobody at the other end
      7 E2BIG argument list too long
      8 ENOEXEC not a program
      9 EBADF bad file descriptor
      10 ECHILD no such child process
      11 EAGAIN not possible at this moment
      12 ENOMEM out of memory
      13 EACCES permission denied
      14 EFAULT bad address
      15 ENOTBLK not a block device
      16 EBUSY device or resource busy
      17 EEXIST exists already
      18 EXDEV crosses file systems
      19 ENODEV no such device or file system type
      20 ENOTDIR not a directory
      21 EISDIR is a directory
      22 EINVAL invalid argument
      23 ENFILE too many open files on this machine
      24 EMFILE too many open files in this process
      25 ENOTTY not a terminal
      26 ETXTBSY program file is in use
      27 EFBIG file too large
      28 ENOSPC no space left on device
      29 ESPIPE not seekable
      30 EROFS read-only file system
      31 EMLINK too many links
      32 EPIPE nobody reads the pipe
      36 ENAMETOOLONG file name too long
      38 ENOSYS not implemented by this kernel
      39 ENOTEMPTY directory not empty
      40 ELOOP too many symbolic links
      61 ENODATA no data
      75 EOVERFLOW value too large
      87 EUSERS too many users
      95 EOPNOTSUPP operation not supported
      110 ETIMEDOUT timed out
      116 ESTALE stale file handle
      117 EUCLEAN file system is damaged
      122 EDQUOT disk quota exceeded
      """;

  private static final Map<Integer, String> WORDS =
      TABLE
          .lines()
          .map(line -> line.split(" ", 3))
          .collect(Collectors.toMap(f -> Integer.valueOf(f[0]), Errno::words));

  private Errno() {}

  static String describe(int errno) {
    return WORDS.getOrDefault(errno, "error " + errno);
  }

  private static String words(String[] fields) {
    return "%s (%s)".formatted(fields[2], fields[1]);
  }
}
