package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.LeftoverException;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.os.Poller;
import dev.krustlet.shim.os.Reaper;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ordinary containers, by the runc program.
public final class RuncEngine implements Engine {
  private static final Logger LOG = LoggerFactory.getLogger(RuncEngine.class);

  private final RuncCommand.Node node;
  private final MemoryEvents memory;
  private final OomWatch.Hearing hearing;
  private final Reaper reaper;

  /// The process is a subreaper ([Reaper#becomeSubreaper]) by the time the first container is made:
  /// runc leaves containers to us as orphans.
  public RuncEngine(String namespace, Poller poller, Reaper reaper) {
    this.node =
        new RuncCommand.Node(namespace, reaper, new RuntimePath(), Inheritance.ofLauncher());
    this.memory = new MemoryEvents(poller);
    this.hearing = new OomWatch.Hearing(poller, memory);
    this.reaper = reaper;
  }

  @Override
  public Container create(ContainerRequest request) throws TaskException, InterruptedException {
    PidNamespace.check(request);
    CgroupName.check(request);
    try {
      var runc = new Runc(request.options(), node, request.bundle(), request.id());
      runc.leaveTrace(request.spec().linux().cgroupsPath());
      var stdio = runc.open(request.stdio(), "init");
      try {
        return create(request, runc, stdio);
      } catch (TaskException | IOException | InterruptedException | RuntimeException | Error e) {
        undo(request, runc, stdio, e);
        throw e;
      }
    } catch (IOException e) {
      throw new TaskException(
          Code.UNKNOWN,
          "cannot create container %s: %s".formatted(request.id(), e.getMessage()),
          e);
    }
  }

  private Container create(ContainerRequest request, Runc runc, ProcessStdio stdio)
      throws TaskException, IOException, InterruptedException {
    runc.create(stdio);
    stdio.handedOver();
    var init = new NativeProcess("container " + request.id(), runc.pidFile(), stdio, reaper);
    var accounts = Accounts.open(request.id(), init.pid(), hearing);
    init.watch(() -> settle(request, accounts));
    return new RuncContainer(runc, init, accounts, reaper);
  }

  /// Init has ended. Without a pid namespace of its own it may have left processes behind, and the
  /// last exit of a container is its init's.
  private void settle(ContainerRequest request, Accounts accounts)
      throws IOException, InterruptedException {
    boolean ownsPids =
        request.spec().linux().namespace("pid").filter(n -> n.path().isEmpty()).isPresent();
    if (!ownsPids) {
      new Leftovers(request.id(), accounts.cgroup(), reaper).kill();
    }
    accounts.lastLook();
  }

  /// Init is killed by us, who will wait for it; what else there is, runc knows.
  private void undo(ContainerRequest request, Runc runc, ProcessStdio stdio, Throwable cause) {
    try (stdio) {
      NativeProcess.destroy("container " + request.id(), runc.pidFile(), stdio, reaper);
    } catch (IOException | TaskException | NumberFormatException e) {
      LeftoverException.note(cause, e);
    }
    try {
      runc.delete();
      LostCgroup.of(request.spec().linux().cgroupsPath()).remove();
    } catch (TaskException | IOException e) {
      LeftoverException.note(cause, e);
    } catch (InterruptedException e) {
      LeftoverException.note(cause, e);
      Thread.currentThread().interrupt();
    }
  }

  /// Native containers outlive us by design of the protocol: containerd deletes each through the
  /// launcher.
  @Override
  public void close() {
    try {
      memory.close();
    } catch (IOException e) {
      LOG.debug("the watch for out-of-memory kills is not closed", e);
    }
  }
}
