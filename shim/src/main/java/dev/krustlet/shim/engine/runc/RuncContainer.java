package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.os.Errno;
import dev.krustlet.shim.os.ErrnoException;
import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.os.Reaper;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A container that runc made and that we, its adoptive parent, wait for.
final class RuncContainer implements Container {
  private static final Logger LOG = LoggerFactory.getLogger(RuncContainer.class);
  private static final int SIGKILL = 9;
  private static final Executor WATCHERS = work -> Thread.ofVirtual().name("runc-exit").start(work);

  private final ContainerRequest request;
  private final Runc runc;
  private final NativeStdio stdio;
  private final int pid;
  private final Cgroup cgroup;
  private final OomWatch oom;
  private final Reaper reaper;
  private final CompletableFuture<Exit> exited = new CompletableFuture<>();
  private final ReentrantLock killing = new ReentrantLock(); // so that no reaped pid is signalled

  private RuncContainer(
      ContainerRequest request,
      Runc runc,
      NativeStdio stdio,
      int pid,
      Cgroup cgroup,
      OomWatch oom,
      Reaper reaper) {
    this.request = request;
    this.runc = runc;
    this.stdio = stdio;
    this.pid = pid;
    this.cgroup = cgroup;
    this.oom = oom;
    this.reaper = reaper;
  }

  static RuncContainer watch(
      ContainerRequest request,
      Runc runc,
      NativeStdio stdio,
      int pid,
      Cgroup cgroup,
      OomWatch oom,
      Reaper reaper)
      throws IOException {
    var container = new RuncContainer(request, runc, stdio, pid, cgroup, oom, reaper);
    var _ = reaper.watch(pid).thenAcceptAsync(container::ended, WATCHERS);
    return container;
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public void start() throws TaskException, InterruptedException {
    runc.start();
  }

  @Override
  public CompletableFuture<Exit> exited() {
    return exited;
  }

  @Override
  public CompletableFuture<Void> oomKilled() {
    return oom.seen();
  }

  @Override
  public void kill(int signal, boolean all) throws TaskException, InterruptedException {
    if (all) {
      runc.killAll(signal);
      return;
    }
    killing.lock();
    try {
      if (exited.isDone()) {
        throw finished();
      }
      Processes.kill(pid, signal);
    } catch (ErrnoException e) {
      throw e.errno() == Errno.ESRCH
          ? finished()
          : new TaskException(Code.UNKNOWN, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new TaskException(Code.UNKNOWN, String.valueOf(e.getMessage()), e);
    } finally {
      killing.unlock();
    }
  }

  @Override
  public List<Integer> pids() throws TaskException {
    try {
      List<Integer> pids = cgroup.pids();
      return pids.isEmpty() ? List.of(pid) : pids;
    } catch (IOException e) {
      throw noFigures(e);
    }
  }

  @Override
  public void closeStdin() throws TaskException {
    try {
      stdio.closeStdin();
    } catch (IOException e) {
      throw new TaskException(Code.UNKNOWN, "cannot close stdin of " + request.id(), e);
    }
  }

  @Override
  public Stats stats() throws TaskException {
    try {
      return cgroup.stats();
    } catch (IOException e) {
      throw noFigures(e);
    }
  }

  @Override
  public void delete() throws TaskException, InterruptedException {
    runc.delete();
    try {
      oom.close();
      stdio.close();
    } catch (IOException e) {
      throw new TaskException(Code.UNKNOWN, "cannot close the streams of " + request.id(), e);
    }
  }

  /// Init has ended and was reaped. Without a pid namespace of its own it may have left processes
  /// behind, and the last exit of a container is its init's.
  private void ended(int status) {
    var exit = new Exit(status, Instant.now());
    killing.lock();
    try {
      if (!ownsPidNamespace()) {
        killRest();
      }
      oom.look();
      stdio.close(); // the reader sees the end, and not before everything was written
    } catch (IOException e) {
      LOG.warn("after the exit of {}", request.id(), e);
    } finally {
      exited.complete(exit);
      killing.unlock();
    }
  }

  private boolean ownsPidNamespace() {
    return request.spec().linux().namespace("pid").filter(n -> n.path().isEmpty()).isPresent();
  }

  private void killRest() throws IOException {
    for (int each : cgroup.pids()) {
      try {
        var _ = reaper.watch(each); // reaps it: it is a child of ours now
        Processes.kill(each, SIGKILL);
      } catch (ErrnoException e) {
        LOG.debug("process {} of {} was gone already", each, request.id(), e);
      }
    }
  }

  private TaskException finished() {
    return new TaskException(Code.NOT_FOUND, "process already finished: " + request.id());
  }

  private TaskException noFigures(IOException e) {
    var code = e instanceof NoSuchFileException ? Code.NOT_FOUND : Code.UNKNOWN;
    return new TaskException(
        code, "no cgroup of %s: %s".formatted(request.id(), e.getMessage()), e);
  }
}
