package dev.krustlet.shim.engine.wasm;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.modules.OomScore;
import dev.krustlet.shim.os.ChildProcess;
import dev.krustlet.shim.os.ChildStream;
import dev.krustlet.shim.os.Spawn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The start of an engine process, until it says that it serves. A process that does not say so in
/// time is killed, for every container waits meanwhile.
///
/// @param socket what the engine will serve at
/// @param patience how long it may take
record EngineStart(EngineProgram program, Path socket, Duration patience) {
  private static final Logger LOG = LoggerFactory.getLogger(EngineStart.class);
  private static final int MAX_LINE = 8 << 10;

  Process process() throws IOException, TaskException, InterruptedException {
    Files.deleteIfExists(socket);
    List<String> command = new ArrayList<>(program.command("serve"));
    command.addAll(List.of("--socket", socket.toString()));
    Process process =
        ChildProcess.start(
            Spawn.here(command, List.of()), ChildStream.PIPE, ChildStream.PIPE, ChildStream.PIPE);
    boolean ready = false;
    try {
      OomScore.ENGINE.give(process);
      Thread.ofVirtual().name("engine-log").start(() -> copyLog(process));
      awaitReady(process);
      ready = true;
      return process;
    } finally {
      if (!ready) {
        process.destroyForcibly();
      }
    }
  }

  private void awaitReady(Process process) throws IOException, TaskException, InterruptedException {
    var line = new FutureTask<>(new BoundedLines(process.getInputStream(), MAX_LINE)::next);
    Thread.ofVirtual().name("engine-ready").start(line); // ends with the process
    try {
      check(line.get(patience.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException _) {
      throw new TaskException(
          Code.UNAVAILABLE,
          "engine process %d was not ready after %d s and is killed; the daemon's log has what it said"
              .formatted(process.pid(), patience.toSeconds()));
    } catch (ExecutionException e) {
      throw new IOException("cannot read what the engine process says", e);
    }
  }

  private static void check(Optional<String> line) throws TaskException {
    if (line.filter("ready"::equals).isEmpty()) {
      throw new TaskException(
          Code.UNAVAILABLE,
          "the engine process did not start%s; the daemon's log has what it said"
              .formatted(line.map(said -> ": " + said).orElse("")));
    }
  }

  private static void copyLog(Process process) {
    try (var errors = process.getErrorStream()) {
      var lines = new BoundedLines(errors, MAX_LINE);
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        LOG.info("engine {}: {}", process.pid(), line.get());
      }
    } catch (IOException _) {
      // it has ended
    }
  }
}
