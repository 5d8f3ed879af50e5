package dev.krustlet.testbed.faults;

import dev.krustlet.proto.types.v1.Process;
import dev.krustlet.proto.types.v1.Status;
import dev.krustlet.testbed.api.CallException;
import dev.krustlet.testbed.api.DaemonCalls;
import dev.krustlet.testbed.faults.Ledger.Wrong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Whether containerd, the daemon and the kernel say the same of the containers that run now.
record LivingAgreement(Yard yard) {
  void check() throws IOException, InterruptedException {
    if (yard.running().findAny().isEmpty()) {
      return;
    }
    try (var daemon = yard.node().daemonCalls()) {
      for (Trial each : yard.living()) {
        var run = each.endless().filter(of -> !of.mayHaveEnded(yard.disturbances()));
        if (run.isPresent()) {
          String problem = problem(run.get(), daemon);
          if (!problem.isEmpty() && each.endless().isPresent()) { // it runs still
            yard.ledger().wrong(Wrong.OTHER, "%s: %s".formatted(run.get(), problem));
          }
        }
      }
    }
  }

  private String problem(Run run, DaemonCalls daemon) throws IOException, InterruptedException {
    Map<String, Process> tasks = tasks();
    Process task = tasks.get(run.container());
    if (task == null) {
      return "containerd has no such task";
    }
    var state = daemon.state(run.container());
    if (state.isEmpty()) {
      return "the daemon has no such container";
    }
    if (task.getPid() != run.pid() || state.get().getPid() != run.pid()) {
      return "containerd's pid %d, the daemon's %d".formatted(task.getPid(), state.get().getPid());
    }
    if (task.getStatus() == Status.STOPPED || state.get().getStatus() == Status.STOPPED) {
      return "containerd's %s, the daemon's %s"
          .formatted(task.getStatus(), state.get().getStatus());
    }
    return Files.exists(Path.of("/proc", Integer.toString(run.pid())))
        ? ""
        : "the kernel has no such thread";
  }

  private Map<String, Process> tasks() throws IOException {
    try {
      return yard.node().tasks().list().stream()
          .collect(Collectors.toMap(Process::getId, Function.identity()));
    } catch (CallException e) {
      throw new IOException(e);
    }
  }
}
