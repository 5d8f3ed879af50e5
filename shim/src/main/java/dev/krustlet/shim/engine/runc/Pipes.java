package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.Fifos;
import dev.krustlet.shim.os.HeldFifos;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Streams without a terminal. The process gets the fifos themselves; we hold each output fifo open
/// as well, so that a restart of containerd (its reader) never breaks a write, and let go at the
/// exit, when the reader must see the end.
final class Pipes implements ProcessStdio {
  private final Stdio stdio;
  private final HeldFifos held;
  private Optional<Fd> stdin = Optional.empty();

  private Pipes(Stdio stdio, HeldFifos held) {
    this.stdio = stdio;
    this.held = held;
  }

  /// @param uid who is to own the fifos, so that a user of a container's may open them once more
  static Pipes open(Stdio stdio, int uid, int gid) throws TaskException, IOException {
    var outputs = List.of(output(stdio.stdout()), output(stdio.stderr()));
    for (Path each : fifos(stdio)) {
      Fifos.giveTo(each, uid, gid);
    }
    var opened = new Pipes(stdio, HeldFifos.of(outputs));
    try {
      if (!stdio.stdin().isEmpty()) {
        opened.stdin = Optional.of(Fifos.openReadWrite(Path.of(stdio.stdin())));
      }
      return opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  private static List<Path> fifos(Stdio stdio) throws TaskException, IOException {
    var found = new ArrayList<Path>();
    for (String target : List.of(stdio.stdin(), stdio.stdout(), stdio.stderr())) {
      if (!target.isEmpty() && Fifos.isFifo(ProcessStdio.path(target))) {
        found.add(ProcessStdio.path(target));
      }
    }
    return found;
  }

  private static Path output(String target) throws TaskException {
    return target.isEmpty() ? Streams.NULL : ProcessStdio.path(target);
  }

  @Override
  public Streams streams() throws TaskException {
    return new Streams(
        stdio.stdin().isEmpty() ? Streams.NULL : Path.of(stdio.stdin()),
        output(stdio.stdout()),
        output(stdio.stderr()));
  }

  @Override
  public Optional<Path> consoleSocket() {
    return Optional.empty();
  }

  /// Of stdin we keep the write end alone, so that closing it can mean the end.
  @Override
  public synchronized void handedOver() throws IOException {
    if (stdin.isPresent()) {
      try (Fd _ = stdin.get()) {
        stdin = Optional.of(Fifos.openWrite(Path.of(stdio.stdin())));
      }
    }
  }

  @Override
  public synchronized void closeStdin() throws IOException {
    if (stdin.isPresent()) {
      stdin.get().close();
    }
  }

  @Override
  public void resize(TerminalSize size) {
    // there is no terminal
  }

  @Override
  public void finish() throws IOException, InterruptedException {
    try {
      held.letGo();
    } finally {
      close();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closeStdin();
    held.close();
  }
}
