package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.cri.v1.PodSandboxState;
import dev.krustlet.testbed.cri.CriException;
import dev.krustlet.testbed.pods.ContainerLog;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class PodFaultsIT {
  private static final int PODS = 10;
  private static final String COUNT =
      "i=0; while :; do i=$((i+1)); echo $i; /bin/busybox sleep 0.02; done";

  private final Installation installation;

  PodFaultsIT(Installation installation) {
    this.installation = installation;
  }

  /// A pod with a container of each kind, both counting.
  private record Mixed(Pod pod, PodContainer wasm, PodContainer sidecar) {
    static Mixed run(TestPods pods, String name) throws IOException, InterruptedException {
      Pod pod = pods.kubelet().run(name, "krustlet");
      var mixed =
          new Mixed(
              pod,
              pod.start("wasm", Guests.IMAGE, "/counter.wasm", "--interval", "10"),
              pod.start("sidecar", Guests.IMAGE, "/bin/sh", "-c", COUNT));
      mixed.wasm.awaitLog(TestPods.SOON, log -> !log.lines().isEmpty());
      mixed.sidecar.awaitLog(TestPods.SOON, log -> !log.lines().isEmpty());
      return mixed;
    }
  }

  @Test
  void anEngineThatWasKilledCostsItsOwnContainersAlone() throws IOException, InterruptedException {
    try (var pods = TestPods.start(installation);
        Command events = pods.kubelet().containerd().startCtr("events")) {
      var running = new ArrayList<Mixed>();
      for (int i = 0; i < PODS; i++) {
        running.add(Mixed.run(pods, "pod" + i));
      }
      pods.kill(Programs.ENGINE);
      for (Mixed each : running) {
        assertThat(each.wasm.awaitExit(TestPods.SOON).getExitCode()).isEqualTo(137);
        assertThat(pods.daemonsLog())
            .contains("guest %s is lost: engine process".formatted(each.wasm.id()));
        assertThat(each.pod.status().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertGoesOn(each.sidecar);
        assertRunsAgain(each.pod);
      }
      assertThat(running).allSatisfy(each -> assertThat(exits(events, each.wasm)).isEqualTo(1));
      assertThat(running).allSatisfy(each -> assertThat(exits(events, each.sidecar)).isZero());
      pods.kubelet().removePods();
      pods.assertNoPodIsLeft();
    }
  }

  private static void assertRunsAgain(Pod pod) throws IOException, InterruptedException {
    PodContainer next = pod.start("next", Guests.IMAGE, "/hello.wasm");
    assertThat(next.awaitExit(TestPods.SOON).getExitCode()).isZero();
    ContainerLog log = next.awaitLog(TestPods.SOON, each -> each.out().contains("HOSTNAME"));
    assertThat(log.out()).startsWith("hello from wasm\n");
  }

  private static long exits(Command events, PodContainer container) throws IOException {
    return events
        .out()
        .lines()
        .filter(line -> line.contains("/tasks/exit") && line.contains(container.id()))
        .count();
  }

  @Test
  void aDaemonThatWasKilledLeavesNothingAndTheNextPodRuns()
      throws IOException, InterruptedException {
    try (var pods = TestPods.start(installation)) {
      Mixed mixed = Mixed.run(pods, "lost");
      pods.kill(Programs.DAEMON);
      for (PodContainer each : List.of(mixed.wasm, mixed.sidecar)) {
        // What `delete` tells, or "unknown" if containerd's waiting call ended before.
        assertThat(each.awaitExit(TestPods.SOON).getExitCode()).isIn(137, 255);
      }
      Await.until(
          "the end of the pod",
          TestPods.SOON,
          () -> mixed.pod.status().getState() == PodSandboxState.SANDBOX_NOTREADY);
      Await.until("the pod's removal", TestPods.SOON, () -> isRemoved(mixed.pod));
      Await.until("containerd's cleanup", TestPods.SOON, () -> pods.kubelet().traces().isEmpty());
      assertRunsAgain(pods.kubelet().run("next", "krustlet"));
      pods.kubelet().removePods();
      pods.assertNoPodIsLeft();
    }
  }

  /// As the kubelet does it: what fails while containerd still cleans up is tried again.
  private static boolean isRemoved(Pod pod) {
    try {
      pod.stop();
      pod.remove();
      return true;
    } catch (CriException _) {
      return false;
    }
  }

  @Test
  void podsOutliveContainerdAndObeyTheNext() throws IOException, InterruptedException {
    try (var pods = TestPods.start(installation)) {
      Mixed mixed = Mixed.run(pods, "mixed");
      pods.kubelet().containerd().kill();
      pods.kubelet().containerd().start();
      pods.kubelet().awaitReady();
      assertGoesOn(mixed.wasm);
      assertGoesOn(mixed.sidecar);
      assertRunsAgain(mixed.pod);
      mixed.wasm.stop(10);
      mixed.sidecar.stop(0);
      assertThat(mixed.wasm.status().getExitCode()).isEqualTo(143);
      assertThat(mixed.sidecar.status().getExitCode()).isEqualTo(137);
      mixed.wasm.remove();
      mixed.pod.stop();
      mixed.pod.remove();
      pods.assertNoPodIsLeft();
    }
  }

  private static void assertGoesOn(PodContainer counter) throws IOException, InterruptedException {
    assertThat(counter.isRunning()).isTrue();
    int before = counter.log().lines().size();
    ContainerLog log = counter.awaitLog(TestPods.SOON, each -> each.lines().size() > before + 20);
    List<Integer> numbers = log.out().lines().skip(before).map(Integer::valueOf).toList();
    int first = numbers.getFirst();
    assertThat(numbers).allSatisfy(each -> assertThat(each).isGreaterThanOrEqualTo(first));
    assertThat(numbers.getLast() - first).isEqualTo(numbers.size() - 1);
  }
}
