package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.Fifos;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The streams of a native container. Its processes get the fifos themselves; we hold each output
/// fifo open as well, for reading and writing, so that a restart of containerd (its reader) never
/// breaks a write, and let go at the exit, when the reader must see the end.
final class NativeStdio implements AutoCloseable {
  private static final File NULL = new File("/dev/null");

  private final Stdio stdio;
  private final List<Fd> held = new ArrayList<>();
  private Optional<Fd> stdin = Optional.empty();

  private NativeStdio(Stdio stdio) {
    this.stdio = stdio;
  }

  static NativeStdio open(Stdio stdio) throws TaskException, IOException {
    if (stdio.terminal()) {
      throw new TaskException(
          Code.UNIMPLEMENTED, "a terminal (tty: true) is not supported by krustlet yet");
    }
    var opened = new NativeStdio(stdio);
    try {
      opened.hold(stdio.stdout());
      opened.hold(stdio.stderr());
      if (!stdio.stdin().isEmpty()) {
        opened.stdin = Optional.of(Fifos.openReadWrite(Path.of(stdio.stdin())));
      }
      return opened;
    } catch (IOException | TaskException e) {
      opened.close();
      throw e;
    }
  }

  /// To be given to runc; our own ends are open by now, so no open of these can block.
  Runc.Streams streams() throws TaskException {
    return new Runc.Streams(
        Redirect.from(stdio.stdin().isEmpty() ? NULL : new File(stdio.stdin())),
        output(stdio.stdout()),
        output(stdio.stderr()));
  }

  /// The container has its streams: of stdin we keep the write end alone, so that closing it can
  /// mean the end.
  synchronized void handedOver() throws IOException {
    if (stdin.isPresent()) {
      Fd both = stdin.get();
      stdin = Optional.of(Fifos.openWrite(Path.of(stdio.stdin())));
      both.close();
    }
  }

  synchronized void closeStdin() throws IOException {
    if (stdin.isPresent()) {
      stdin.get().close();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closeStdin();
    for (Fd fd : held) {
      fd.close();
    }
  }

  private void hold(String target) throws IOException, TaskException {
    Path path = path(target);
    if (target.startsWith("file:")) {
      Files.createDirectories(path.toAbsolutePath().getParent());
    } else if (!target.isEmpty() && Fifos.isFifo(path)) {
      held.add(Fifos.openReadWrite(path));
    }
  }

  private static Redirect output(String target) throws TaskException {
    return Redirect.appendTo(target.isEmpty() ? NULL : path(target).toFile());
  }

  private static Path path(String target) throws TaskException {
    if (target.startsWith("file:")) {
      return Path.of(URI.create(target).getPath());
    }
    if (target.contains("://")) {
      throw new TaskException(
          Code.UNIMPLEMENTED,
          "logging to %s is not supported: krustlet writes to fifos and file:// URIs"
              .formatted(target));
    }
    return Path.of(target);
  }
}
