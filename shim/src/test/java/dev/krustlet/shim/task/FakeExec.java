package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.TerminalSize;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/// An exec that ends when the test says so, or by a signal.
public final class FakeExec implements ExecProcess {
  public final ExecRequest request;
  public final CompletableFuture<Exit> exited = new CompletableFuture<>();
  public final List<String> calls = new CopyOnWriteArrayList<>();
  public volatile Runnable onStart = () -> {};
  private final int pid;

  FakeExec(ExecRequest request, int pid) {
    this.request = request;
    this.pid = pid;
  }

  public void end(int status) {
    exited.complete(new Exit(status, FakeEngine.NOON));
  }

  @Override
  public int start() throws TaskException {
    if (request.id().startsWith("bad")) {
      throw new TaskException(Code.UNKNOWN, "exec: `nope` not found");
    }
    onStart.run();
    return pid;
  }

  @Override
  public CompletableFuture<Exit> exited() {
    return exited;
  }

  @Override
  public void kill(int signal) {
    calls.add("kill " + signal);
    end(128 + signal);
  }

  @Override
  public void resize(TerminalSize size) {
    calls.add("resize %d,%d".formatted(size.columns(), size.rows()));
  }

  @Override
  public void closeStdin() {
    calls.add("closeStdin");
  }

  @Override
  public void delete() {
    calls.add("delete");
  }
}
