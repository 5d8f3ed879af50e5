package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.os.ConsoleSocket;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.Fifos;
import dev.krustlet.shim.os.LogFile;
import dev.krustlet.shim.os.Pty;
import dev.krustlet.shim.os.PtyPump;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A terminal, which runc makes and sends us, and which we copy to and from containerd's fifos:
/// stdout is all that the terminal shows, stdin all that is typed, and there is no stderr.
final class Terminal implements ProcessStdio {
  /// How long a slow reader may take for what is left when all else is gone.
  private static final Duration DRAIN = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(Terminal.class);

  /// The terminal, once it is there; the pump owns the descriptors from then on.
  private record Attached(Pty pty, PtyPump pump) {}

  private final String name;
  private final ConsoleSocket socket;
  private Optional<Fd> in = Optional.empty();
  private Optional<Fd> inKept = Optional.empty();
  private Optional<Fd> out = Optional.empty();
  private Optional<Attached> attached = Optional.empty();
  private boolean finished;

  private Terminal(String name, ConsoleSocket socket) {
    this.name = name;
    this.socket = socket;
  }

  static Terminal open(Stdio stdio, Path bundle, String name) throws TaskException, IOException {
    var opened = new Terminal(name, ConsoleSocket.listen(bundle, name + ".tty"));
    try {
      opened.openStreams(stdio);
      return opened;
    } catch (IOException | TaskException e) {
      opened.close();
      throw e;
    }
  }

  /// Our own write end of stdin keeps its reader from the end while no client is attached.
  private synchronized void openStreams(Stdio stdio) throws TaskException, IOException {
    if (!stdio.stdin().isEmpty()) {
      in = Optional.of(Fifos.openRead(Path.of(stdio.stdin())));
      inKept = Optional.of(Fifos.openWrite(Path.of(stdio.stdin())));
    }
    if (!stdio.stdout().isEmpty()) {
      out = Optional.of(openOutput(ProcessStdio.path(stdio.stdout())));
    }
  }

  private static Fd openOutput(Path path) throws IOException {
    if (Fifos.isFifo(path)) {
      return Fifos.openReadWrite(path);
    }
    return LogFile.open(path);
  }

  @Override
  public Streams streams() {
    return Streams.NONE;
  }

  @Override
  public Optional<Path> consoleSocket() {
    return Optional.of(socket.path());
  }

  @Override
  public synchronized void handedOver() throws IOException {
    var pty = Pty.of(socket.receive());
    attached = Optional.of(new Attached(pty, PtyPump.start(pty, in, out, "terminal-" + name)));
    socket.close();
  }

  @Override
  public synchronized void closeStdin() throws IOException {
    close(inKept);
  }

  @Override
  public synchronized void resize(TerminalSize size) throws IOException {
    if (attached.isPresent()) {
      attached.get().pty().resize(size.columns(), size.rows());
    }
  }

  @Override
  public synchronized void finish() throws IOException {
    finished = true;
    if (attached.isPresent()) {
      attached.get().pump().finish();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    socket.close();
    close(inKept);
    if (attached.isPresent()) {
      drain(attached.get().pump());
      attached.get().pump().close();
    } else {
      close(in);
      close(out);
    }
  }

  private void drain(PtyPump pump) {
    try {
      if (finished && !pump.awaitEnd(DRAIN)) {
        LOG.warn("the reader of {} was too slow for the end of its output", name);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void close(Optional<Fd> fd) throws IOException {
    if (fd.isPresent()) {
      fd.get().close();
    }
  }
}
