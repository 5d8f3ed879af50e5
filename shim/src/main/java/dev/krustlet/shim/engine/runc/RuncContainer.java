package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.CheckpointRequest;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Signals;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Resources;
import dev.krustlet.shim.os.Reaper;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A container that runc made and whose processes we wait for.
final class RuncContainer implements Container {
  private static final Logger LOG = LoggerFactory.getLogger(RuncContainer.class);

  private final Runc runc;
  private final NativeProcess init;
  private final Accounts accounts;
  private final Reaper reaper;
  private volatile boolean paused;

  RuncContainer(Runc runc, NativeProcess init, Accounts accounts, Reaper reaper) {
    this.runc = runc;
    this.init = init;
    this.accounts = accounts;
    this.reaper = reaper;
  }

  @Override
  public int pid() {
    return init.pid();
  }

  @Override
  public void start() throws TaskException {
    runc.start();
  }

  @Override
  public CompletableFuture<Exit> exited() {
    return init.exited();
  }

  @Override
  public CompletableFuture<Void> oomKilled() {
    return accounts.oomKilled();
  }

  @Override
  public void kill(int signal, boolean all) throws TaskException {
    if (all) {
      killAll(signal);
    } else {
      init.kill(signal);
    }
    if (paused && signal == Signals.KILL) {
      thaw();
    }
  }

  private void killAll(int signal) throws TaskException {
    if (init.hasEnded()) {
      throw init.finished();
    }
    try {
      runc.killAll(signal);
    } catch (TaskException e) {
      throw init.hasEnded() ? init.finished() : e;
    }
  }

  /// What is frozen does not die before it is thawed, on cgroup v1 not even by SIGKILL.
  private void thaw() {
    try {
      resume();
    } catch (TaskException e) {
      LOG.debug("a paused container has ended already or was resumed", e);
    }
  }

  @Override
  public List<Integer> pids() throws TaskException {
    List<Integer> pids = accounts.pids();
    return pids.isEmpty() ? List.of(pid()) : pids;
  }

  @Override
  public ExecProcess exec(ExecRequest wanted) {
    return new RuncExec(wanted, runc, reaper);
  }

  @Override
  public void closeStdin() throws TaskException {
    init.closeStdin();
  }

  @Override
  public void resize(TerminalSize size) throws TaskException {
    init.resize(size);
  }

  @Override
  public void pause() throws TaskException {
    runc.pause();
    paused = true;
  }

  @Override
  public void resume() throws TaskException {
    runc.resume();
    paused = false;
  }

  @Override
  public void update(Document<Resources> resources) throws TaskException {
    runc.update(resources.json());
  }

  @Override
  public void checkpoint(CheckpointRequest wanted) throws TaskException, InterruptedException {
    runc.checkpoint(wanted);
  }

  @Override
  public Stats stats() throws TaskException {
    return accounts.figures();
  }

  @Override
  public void delete() throws TaskException {
    runc.delete();
    init.closeStreams();
    try {
      accounts.close();
    } catch (IOException e) {
      throw new TaskException(Code.UNKNOWN, "cannot close the accounts of a container", e);
    }
  }
}
