package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.CheckpointRequest;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Resources;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A container that is another one, but for what a subclass adds.
abstract class Delegate implements Container {
  final Container container;

  Delegate(Container container) {
    this.container = container;
  }

  @Override
  public int pid() {
    return container.pid();
  }

  @Override
  public void start() throws TaskException, InterruptedException {
    container.start();
  }

  @Override
  public CompletableFuture<Exit> exited() {
    return container.exited();
  }

  @Override
  public CompletableFuture<Void> oomKilled() {
    return container.oomKilled();
  }

  @Override
  public void kill(int signal, boolean all) throws TaskException, InterruptedException {
    container.kill(signal, all);
  }

  @Override
  public List<Integer> pids() throws TaskException, InterruptedException {
    return container.pids();
  }

  @Override
  public void closeStdin() throws TaskException, InterruptedException {
    container.closeStdin();
  }

  @Override
  public Stats stats() throws TaskException, InterruptedException {
    return container.stats();
  }

  @Override
  public ExecProcess exec(ExecRequest exec) throws TaskException, InterruptedException {
    return container.exec(exec);
  }

  @Override
  public void resize(TerminalSize size) throws TaskException, InterruptedException {
    container.resize(size);
  }

  @Override
  public void pause() throws TaskException, InterruptedException {
    container.pause();
  }

  @Override
  public void resume() throws TaskException, InterruptedException {
    container.resume();
  }

  @Override
  public void update(Document<Resources> resources) throws TaskException, InterruptedException {
    container.update(resources);
  }

  @Override
  public void checkpoint(CheckpointRequest request) throws TaskException, InterruptedException {
    container.checkpoint(request);
  }

  @Override
  public void delete() throws TaskException, InterruptedException {
    container.delete();
  }
}
