package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// Where an OCI runtime sends the controlling end of the terminal that it made for a process.
///
/// A socket's name is short and bundles are not: it is bound beneath the open directory, and the
/// runtime, which runs in that directory, reaches it by its bare name.
public final class ConsoleSocket implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private final Path path;
  private final Fd socket;

  private ConsoleSocket(Path path, Fd socket) {
    this.path = path;
    this.socket = socket;
  }

  public static ConsoleSocket listen(Path directory, String name) throws IOException {
    Path path = directory.resolve(name);
    Files.deleteIfExists(path); // of a start that failed
    Fd socket = LibcSockets.unixStream();
    try (Fd place = Fd.openTrusted(directory)) {
      LibcSockets.listen(socket, place.procPath().resolve(name).toString());
      return new ConsoleSocket(path, socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  public Path path() {
    return path;
  }

  /// The terminal. A runtime has sent it by the time it ends, so this waits for moments only.
  public Fd receive() throws IOException {
    awaitInput(socket);
    try (Fd connection = LibcSockets.accept(socket)) {
      awaitInput(connection);
      return LibcSockets.receive(connection);
    }
  }

  private void awaitInput(Fd fd) throws IOException {
    var poll = new Polling();
    poll.want(fd, Polling.IN);
    if (!poll.await(DEADLINE)) {
      throw new IOException("no terminal came to " + path + " within " + DEADLINE);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      socket.close();
    } finally {
      Files.deleteIfExists(path);
    }
  }
}
