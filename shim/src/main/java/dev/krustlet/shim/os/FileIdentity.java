package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.file.Path;

/// Tells whether a file is the very one that was seen before, unchanged: contents cannot change
/// without one of these.
///
/// @param size bytes
/// @param mtimeNanos nanoseconds since 1970
/// @param ctimeNanos nanoseconds since 1970; no program can set it back
public record FileIdentity(long device, long inode, long size, long mtimeNanos, long ctimeNanos) {

  public static FileIdentity of(Fd fd) throws IOException {
    return Stat.of(fd).identity();
  }

  /// Follows symbolic links.
  public static FileIdentity of(Path path) throws IOException {
    return Stat.of(path).identity();
  }

  /// Whether two paths lead to one file, changed or not. Where one leads nowhere they do not.
  public static boolean isSameFile(Path one, Path other) {
    try {
      FileIdentity first = of(one);
      FileIdentity second = of(other);
      return first.device == second.device && first.inode == second.inode;
    } catch (IOException _) {
      return false;
    }
  }
}
