package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.CheckpointRequest;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.engine.logging.Output;
import dev.krustlet.shim.engine.logging.Outputs;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Resources;
import dev.krustlet.shim.os.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A container of an engine together with what is held for it outside that engine: its mounted root
/// and what takes its output. [#delete] has the order in which these are released.
final class HeldContainer implements Container {
  /// Finds what an exec is to run, for an engine that wants to know before.
  @FunctionalInterface
  interface ExecFinder {
    ExecRequest found(ExecRequest wanted) throws TaskException, InterruptedException;
  }

  private final Container container;
  private final ExecFinder execs;
  private final Path root;
  private final Output output;
  private final Outputs outputs;

  /// @param outputs opens those of execs
  HeldContainer(Container container, ExecFinder execs, Path root, Output output, Outputs outputs) {
    this.container = container;
    this.execs = execs;
    this.root = root;
    this.output = output;
    this.outputs = outputs;
    var _ = container.exited().thenRun(output::letGo);
  }

  /// What fails leaves the rest held, so that it can be tried again.
  @Override
  public void delete() throws TaskException, InterruptedException {
    container.delete();
    try {
      Mounts.unmountTree(root);
    } catch (IOException e) {
      throw new TaskException(Code.UNKNOWN, "cannot unmount " + root, e);
    }
    output.close();
  }

  @Override
  public ExecProcess exec(ExecRequest wanted) throws TaskException, InterruptedException {
    Output its = outputs.open(wanted.stdio(), "exec-" + wanted.id(), wanted.id());
    try {
      var exec = container.exec(execs.found(wanted.writing(its.stdio())));
      return new HeldExec(exec, its);
    } catch (TaskException | InterruptedException | RuntimeException | Error e) {
      its.close();
      throw e;
    }
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
}
