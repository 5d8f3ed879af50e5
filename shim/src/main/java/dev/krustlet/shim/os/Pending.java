package dev.krustlet.shim.os;

import java.io.IOException;
import java.util.Arrays;

/// Bytes that were read from a descriptor and not yet written to another; none of the two blocks.
final class Pending {
  private static final int SIZE = 16 << 10;

  private byte[] bytes = {};

  boolean isEmpty() {
    return bytes.length == 0;
  }

  void put(byte[] more) {
    bytes = more;
  }

  /// The last byte; there is one.
  byte last() {
    return bytes[bytes.length - 1];
  }

  void drop() {
    bytes = new byte[0];
  }

  /// Reads what is there.
  ///
  /// @return false at the end, which a terminal tells by `EIO` once it is closed at its other side
  boolean fill(Fd from) throws IOException {
    try {
      bytes = LibcFiles.read(from, SIZE);
      return bytes.length > 0;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EIO) {
        return false;
      }
      return waits(e);
    }
  }

  /// Writes as much as is taken. What a terminal that was closed at its other side does not take is
  /// for nobody.
  void drain(Fd to) throws IOException {
    try {
      int taken = LibcFiles.write(to, bytes);
      bytes = Arrays.copyOfRange(bytes, taken, bytes.length);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EIO) {
        drop();
      } else {
        boolean _ = waits(e);
      }
    }
  }

  private static boolean waits(ErrnoException e) throws ErrnoException {
    if (e.errno() == Errno.EAGAIN || e.errno() == Errno.EINTR) {
      return true;
    }
    throw e;
  }
}
