package dev.krustlet.testbed.pods;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// What runs on the system when it reboots; [AfterReboot] is the other half. Named so that a build
/// does not run it: it is for a machine that nobody else uses.
final class BeforeReboot {
  @Test
  void containersOfBothKindsRun() throws IOException, InterruptedException {
    try (var node = SystemNode.open()) {
      node.loadImages();
      for (PodContainer each : SystemNode.startBothKinds(node.run("rebooted"))) {
        each.awaitLog(SystemNode.SOON, log -> !log.lines().isEmpty());
      }
      detach(node, "wasm", "/counter.wasm", "--interval", "1000");
      detach(node, "native", "/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done");
    }
  }

  private static void detach(SystemNode node, String id, String... command)
      throws IOException, InterruptedException {
    String[] run = {"run", "--detach", "--runtime", "io.containerd.krustlet.v1"};
    String[] all = new String[run.length + 2 + command.length];
    System.arraycopy(run, 0, all, 0, run.length);
    all[run.length] = SystemNode.IMAGE;
    all[run.length + 1] = id;
    System.arraycopy(command, 0, all, run.length + 2, command.length);
    node.ctr(all);
  }
}
