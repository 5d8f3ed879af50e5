package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.os.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A container together with its mounted root, which goes when it goes.
record RootedContainer(Container container, Path root) implements Container {
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
  public void delete() throws TaskException, InterruptedException {
    container.delete();
    try {
      Mounts.unmountTree(root);
    } catch (IOException e) {
      throw new TaskException(Code.UNKNOWN, "cannot unmount " + root, e);
    }
  }
}
