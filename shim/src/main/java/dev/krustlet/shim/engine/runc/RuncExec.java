package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.os.Reaper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// One more process that runc starts in a container.
final class RuncExec implements ExecProcess {
  private final ExecRequest request;
  private final Runc runc;
  private final Reaper reaper;
  private final CompletableFuture<Exit> exited = new CompletableFuture<>();
  private volatile Optional<NativeProcess> running = Optional.empty();

  RuncExec(ExecRequest request, Runc runc, Reaper reaper) {
    this.request = request;
    this.runc = runc;
    this.reaper = reaper;
  }

  private String name() {
    return "exec-" + request.id();
  }

  private Path spec() {
    return runc.bundle().resolve(name() + ".json");
  }

  private Path pidFile() {
    return runc.bundle().resolve(name() + ".pid");
  }

  @Override
  public int start() throws TaskException, InterruptedException {
    try {
      Files.writeString(spec(), request.process().json());
      var stdio = runc.open(request.stdio(), name());
      try {
        return start(stdio);
      } catch (TaskException | IOException | InterruptedException | RuntimeException | Error e) {
        undo(stdio, e);
        throw e;
      } finally {
        Files.deleteIfExists(spec());
      }
    } catch (IOException e) {
      throw failed("start", e);
    }
  }

  private int start(ProcessStdio stdio) throws TaskException, IOException, InterruptedException {
    runc.exec(stdio, spec(), pidFile());
    stdio.handedOver();
    var process = new NativeProcess("exec " + request.id(), pidFile(), stdio, reaper);
    running = Optional.of(process);
    process.watch(() -> {});
    var _ = process.exited().thenAccept(exited::complete);
    return process.pid();
  }

  /// What runc started before it failed does not go on.
  private void undo(ProcessStdio stdio, Throwable cause) {
    try (stdio) {
      NativeProcess.destroy("exec " + request.id(), pidFile(), stdio, reaper);
    } catch (IOException | TaskException | NumberFormatException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public CompletableFuture<Exit> exited() {
    return exited;
  }

  @Override
  public void kill(int signal) throws TaskException {
    running().kill(signal);
  }

  @Override
  public void resize(TerminalSize size) throws TaskException {
    running().resize(size);
  }

  @Override
  public void closeStdin() throws TaskException {
    running().closeStdin();
  }

  @Override
  public void delete() throws TaskException {
    try {
      if (running.isPresent()) {
        running.get().closeStreams();
      }
      Files.deleteIfExists(pidFile());
    } catch (IOException e) {
      throw failed("delete", e);
    }
  }

  private NativeProcess running() throws TaskException {
    return running.orElseThrow(() ->
        new TaskException(
            Code.FAILED_PRECONDITION, "exec %s has not started".formatted(request.id())));
  }

  private TaskException failed(String what, IOException e) {
    return new TaskException(
        Code.UNKNOWN, "cannot %s exec %s: %s".formatted(what, request.id(), e.getMessage()), e);
  }
}
