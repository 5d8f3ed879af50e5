package dev.krustlet.shim.modules;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/// The right to compile, among all processes that share a cache: those who want the same bytes wait
/// for each other. The kernel takes it back from a process that dies.
///
/// There is a file for each first byte of a hash, and none is ever removed: two processes could
/// hold a lock each if a file went between its opening and its locking. That others with the same
/// first byte wait as well costs little.
record CompileLock(FileChannel channel) implements AutoCloseable {
  private static final Duration AGAIN = Duration.ofMillis(20);

  /// Waits until nobody else compiles those bytes.
  ///
  /// @return empty if somebody still does when the time is over
  static Optional<CompileLock> take(Path cache, String hash, Duration patience)
      throws IOException, InterruptedException {
    Path file = cache.resolve(".compile-%s.lock".formatted(hash.substring(0, 2)));
    var lock =
        new CompileLock(
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    try {
      if (lock.isOurs(System.nanoTime() + patience.toNanos())) {
        return Optional.of(lock);
      }
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      lock.close();
      throw e;
    }
    lock.close();
    return Optional.empty();
  }

  private boolean isOurs(long end) throws IOException, InterruptedException {
    while (!isTaken()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      Thread.sleep(AGAIN);
    }
    return true;
  }

  private boolean isTaken() throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException _) {
      return false; // a thread of ours has it, for other bytes or for another cache
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
