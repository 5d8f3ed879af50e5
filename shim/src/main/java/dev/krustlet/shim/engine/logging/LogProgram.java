package dev.krustlet.shim.engine.logging;

import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.os.ChildProcess;
import dev.krustlet.shim.os.ChildStream;
import dev.krustlet.shim.os.ErrnoException;
import dev.krustlet.shim.os.Fifos;
import dev.krustlet.shim.os.HeldFifos;
import dev.krustlet.shim.os.Spawn;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A program that takes what one process writes, as containerd's logging programs do: descriptors 3
/// and 4 are the process's stdout and stderr, and with 5 it says that it is ready. It reads fifos,
/// so that to an engine it is a reader like any other.
final class LogProgram implements Output {
  private static final Logger LOG = LoggerFactory.getLogger(LogProgram.class);
  private static final Duration READY = Duration.ofSeconds(10);

  /// How long a deletion waits for its end, which comes by itself with the end of what it reads.
  private static final Duration END = Duration.ofSeconds(2);

  /// How long it may take once it was told to end.
  private static final Duration LAST_WORDS = Duration.ofSeconds(12);

  /// The shell opens what the program has beyond standard streams: its own stdout becomes
  /// descriptor 5.
  private static final String OPENING =
      "exec 3<\"$1\" 4<\"$2\" 5>&1 >/dev/null; shift 2; exec \"$@\"";

  private final String id;
  private final Stdio asked;
  private final Path out;
  private final Path err;
  private final HeldFifos held;
  private final Process process;

  private LogProgram(String id, Stdio asked, Path out, Path err, HeldFifos held, Process process) {
    this.id = id;
    this.asked = asked;
    this.out = out;
    this.err = err;
    this.held = held;
    this.process = process;
  }

  /// Starts it and waits until it is ready.
  ///
  /// @param asked the streams that the process was to have
  /// @param file what the names of its fifos begin with
  /// @param id what CONTAINER_ID tells it
  static LogProgram start(LogUri uri, Stdio asked, Path file, String id, String namespace)
      throws TaskException, InterruptedException {
    try {
      if (!Files.isExecutable(uri.program())) {
        throw new IOException("it is no program");
      }
      var program = launch(uri, asked, file, id, namespace);
      try {
        program.awaitReady(uri.tells());
        return program;
      } catch (IOException | InterruptedException | RuntimeException | Error e) {
        program.process.destroyForcibly();
        program.close();
        throw e;
      }
    } catch (IOException e) {
      throw new TaskException(
          Code.UNKNOWN,
          "cannot log %s with %s: %s".formatted(id, uri.program(), e.getMessage()),
          e);
    }
  }

  private static LogProgram launch(LogUri uri, Stdio asked, Path file, String id, String namespace)
      throws IOException {
    Path out = fifo(file + ".out");
    Path err = fifo(file + ".err");
    var held = HeldFifos.of(List.of(out, err));
    List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", OPENING, "sh"));
    words.addAll(List.of(out.toString(), err.toString(), uri.program().toString()));
    words.addAll(uri.arguments());
    var environment = List.of("CONTAINER_ID=" + id, "CONTAINER_NAMESPACE=" + namespace);
    var program = Spawn.here(words, environment);
    try {
      var process =
          ChildProcess.start(program, ChildStream.NULL, ChildStream.PIPE, ChildStream.NULL);
      return new LogProgram(id, asked, out, err, held, process);
    } catch (IOException e) {
      held.close();
      throw e;
    }
  }

  private static Path fifo(String name) throws IOException {
    Path fifo = Path.of(name);
    Files.deleteIfExists(fifo);
    Fifos.create(fifo);
    return fifo;
  }

  private void awaitReady(boolean tells) throws IOException, InterruptedException {
    try (InputStream ready = process.getInputStream()) {
      int told = readFirst(ready).get(READY.toNanos(), TimeUnit.NANOSECONDS);
      if (told < 0 && tells) {
        throw new IOException("it ended, or closed descriptor 5, without saying that it is ready");
      }
    } catch (TimeoutException e) {
      throw new IOException("it did not say within %s that it is ready".formatted(READY), e);
    } catch (ExecutionException e) {
      throw new IOException("cannot hear whether it is ready", e);
    }
  }

  private static CompletableFuture<Integer> readFirst(InputStream from) {
    var told = new CompletableFuture<Integer>();
    Thread.ofVirtual()
        .name("log-program-ready")
        .start(() -> {
          try {
            told.complete(from.read());
          } catch (IOException e) {
            told.completeExceptionally(e);
          }
        });
    return told;
  }

  /// A terminal has no stderr.
  @Override
  public Stdio stdio() {
    String errors = asked.terminal() ? "" : err.toString();
    return new Stdio(asked.stdin(), out.toString(), errors, asked.terminal());
  }

  /// The program sees the end of what it reads.
  @Override
  public void letGo() {
    try {
      held.close();
    } catch (ErrnoException e) {
      LOG.warn("the program that logs {} may not see the end", id, e);
    }
  }

  /// The program gets some time to end by itself, and then has to.
  @Override
  public void close() {
    letGo();
    boolean ended = false;
    try {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
      ended = process.waitFor(END.toNanos(), TimeUnit.NANOSECONDS);
    } catch (IOException e) {
      LOG.warn("cannot remove the fifos of the program that logs {}", id, e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      var _ = Thread.ofVirtual().name("log-program-end").start(this::end);
    }
  }

  private void end() {
    process.destroy();
    try {
      if (!process.waitFor(LAST_WORDS.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.warn("the program that logs {} did not end when told to", id);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
  }
}
