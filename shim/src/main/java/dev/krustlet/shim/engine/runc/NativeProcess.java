package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Signals;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.os.Errno;
import dev.krustlet.shim.os.ErrnoException;
import dev.krustlet.shim.os.Reaper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A process that runc left to us, its adoptive parent, to wait for; with its streams.
final class NativeProcess {
  /// What is done when it has ended and before that is told.
  @FunctionalInterface
  interface Aftermath {
    void settle() throws IOException, InterruptedException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(NativeProcess.class);
  private static final Executor WATCHERS = work -> Thread.ofVirtual().name("runc-exit").start(work);

  private final String name;
  private final int pid;
  private final ProcessStdio stdio;
  private final Reaper reaper;
  private final CompletableFuture<Exit> reaped;
  private final CompletableFuture<Exit> exited = new CompletableFuture<>();

  /// @param name how messages call it
  /// @param pidFile where runc wrote its pid
  NativeProcess(String name, Path pidFile, ProcessStdio stdio, Reaper reaper) throws IOException {
    this.name = name;
    this.pid = Integer.parseInt(Files.readString(pidFile).strip());
    this.stdio = stdio;
    this.reaper = reaper;
    this.reaped = reaper.watch(pid).thenApply(status -> new Exit(status, Instant.now()));
  }

  /// Ends what the pid file names, if there is such a file: who had it made has failed or given up.
  static void destroy(String name, Path pidFile, ProcessStdio stdio, Reaper reaper)
      throws IOException, TaskException {
    if (Files.exists(pidFile)) {
      new NativeProcess(name, pidFile, stdio, reaper).kill(Signals.KILL);
    }
  }

  /// From now on its end has consequences.
  void watch(Aftermath aftermath) {
    var _ = reaped.thenAcceptAsync(exit -> ended(exit, aftermath), WATCHERS);
  }

  private void ended(Exit exit, Aftermath aftermath) {
    try {
      try {
        aftermath.settle();
      } finally {
        stdio.finish();
      }
    } catch (IOException e) {
      LOG.warn("after the exit of {}", name, e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      exited.complete(exit);
    }
  }

  int pid() {
    return pid;
  }

  /// Completes when it has ended and its streams are at their end.
  CompletableFuture<Exit> exited() {
    return exited;
  }

  boolean hasEnded() {
    return reaped.isDone();
  }

  void kill(int signal) throws TaskException {
    try {
      reaper.kill(pid, signal);
    } catch (ErrnoException e) {
      throw e.errno() == Errno.ESRCH ? finished() : failed("kill", e);
    } catch (IOException e) {
      throw failed("kill", e);
    }
  }

  TaskException finished() {
    return new TaskException(Code.NOT_FOUND, "process already finished: " + name);
  }

  void closeStdin() throws TaskException {
    try {
      stdio.closeStdin();
    } catch (IOException e) {
      throw failed("close stdin of", e);
    }
  }

  void resize(TerminalSize size) throws TaskException {
    try {
      stdio.resize(size);
    } catch (IOException e) {
      throw failed("resize the terminal of", e);
    }
  }

  void closeStreams() throws TaskException {
    try {
      stdio.close();
    } catch (IOException e) {
      throw failed("close the streams of", e);
    }
  }

  private TaskException failed(String what, IOException e) {
    return new TaskException(
        Code.UNKNOWN, "cannot %s %s: %s".formatted(what, name, e.getMessage()), e);
  }
}
