package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TerminalSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// The streams of one process that runc starts.
sealed interface ProcessStdio extends AutoCloseable permits Pipes, Terminal {
  /// To be given to runc; our own ends are open by now, so no open of these can block.
  Streams streams() throws TaskException;

  /// Where runc is to send the terminal that it makes, if it is to make one.
  Optional<Path> consoleSocket();

  /// runc has ended and the process has its streams.
  void handedOver() throws IOException;

  /// Closes our end of stdin: its reader reads the end once other writers are gone.
  void closeStdin() throws IOException;

  void resize(TerminalSize size) throws IOException;

  /// The process has ended. The reader gets all that it wrote, and then sees the end.
  void finish() throws IOException, InterruptedException;

  /// Closes all: at once, but for what a process that has ended wrote and a slow reader has not yet
  /// taken, which is given some time. Idempotent.
  @Override
  void close() throws IOException;

  /// The file that containerd means by a stream's target.
  static Path path(String target) throws TaskException {
    return Path.of(Stdio.file(target));
  }
}
