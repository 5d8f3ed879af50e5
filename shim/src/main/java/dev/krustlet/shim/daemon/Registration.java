package dev.krustlet.shim.daemon;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// Being the daemon that launchers find: the lock on the state directory, and the record in it.
///
/// The kernel lets go of the lock when the process dies, however it dies. [#close] makes room for a
/// successor while this daemon still serves the containers it has.
final class Registration implements AutoCloseable {
  private final Path record;
  private final FileChannel channel;
  private final FileLock lock;
  private boolean written;

  private Registration(Path record, FileChannel channel, FileLock lock) {
    this.record = record;
    this.channel = channel;
    this.lock = lock;
  }

  /// Takes the lock of the state directory; empty if another daemon has it.
  static Optional<Registration> claim(Path stateDirectory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            stateDirectory.resolve("daemon.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null
        ? Optional.empty()
        : Optional.of(new Registration(stateDirectory.resolve("daemon"), channel, lock));
  }

  /// Tells launchers where to find us. To be called when the socket listens.
  void announce(DaemonRecord daemon) throws IOException {
    daemon.write(record);
    written = true;
  }

  /// From now on launchers start a successor.
  @Override
  public void close() throws IOException {
    if (!lock.isValid()) {
      return;
    }
    try {
      if (written) {
        Files.deleteIfExists(record);
      }
    } finally {
      channel.close();
    }
  }
}
