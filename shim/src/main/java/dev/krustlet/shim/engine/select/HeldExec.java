package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.engine.logging.Output;
import java.util.concurrent.CompletableFuture;

/// An exec together with what takes its output.
final class HeldExec implements ExecProcess {
  private final ExecProcess exec;
  private final Output output;

  HeldExec(ExecProcess exec, Output output) {
    this.exec = exec;
    this.output = output;
    var _ = exec.exited().thenRun(output::letGo);
  }

  @Override
  public int start() throws TaskException, InterruptedException {
    return exec.start();
  }

  @Override
  public CompletableFuture<Exit> exited() {
    return exec.exited();
  }

  @Override
  public void kill(int signal) throws TaskException, InterruptedException {
    exec.kill(signal);
  }

  @Override
  public void resize(TerminalSize size) throws TaskException, InterruptedException {
    exec.resize(size);
  }

  @Override
  public void closeStdin() throws TaskException, InterruptedException {
    exec.closeStdin();
  }

  @Override
  public void delete() throws TaskException, InterruptedException {
    exec.delete();
    output.close();
  }
}
