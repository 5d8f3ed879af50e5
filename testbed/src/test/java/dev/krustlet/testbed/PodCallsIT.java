package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.proto.cri.v1.ContainerStats;
import dev.krustlet.proto.cri.v1.ContainerStatus;
import dev.krustlet.proto.cri.v1.ExecSyncRequest;
import dev.krustlet.proto.cri.v1.ExecSyncResponse;
import dev.krustlet.proto.cri.v1.LinuxContainerResources;
import dev.krustlet.proto.cri.v1.UpdateContainerResourcesRequest;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.cri.CriException;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is asked of containers of both kinds that run: probes and `kubectl exec`, limits and new
/// ones.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class PodCallsIT {
  private static final int PROBES = 20;

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  PodCallsIT(Installation installation) {
    assertThat(pods.kubelet().containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    pods = TestPods.start(installation);
  }

  @AfterEach
  void noPodIsLeft() throws IOException {
    pods.kubelet().removePods();
    pods.assertNoPodIsLeft();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    pods.close();
  }

  private static ExecSyncResponse exec(PodContainer container, long seconds, String... command)
      throws CriException {
    return pods.kubelet()
        .cri()
        .call(
            CriCalls.EXEC_SYNC,
            ExecSyncRequest.newBuilder()
                .setContainerId(container.id())
                .setTimeout(seconds)
                .addAllCmd(Arrays.asList(command))
                .build());
  }

  private static PodContainer shell(Pod pod) throws CriException {
    return pod.start(
        "native", Guests.IMAGE, "/bin/sh", "-c", "while :; do busybox sleep 1000; done");
  }

  @Test
  void aProbeHasItsOutputAndItsStatusInBothKinds() throws IOException {
    Pod pod = pods.kubelet().run("probed", "krustlet");
    PodContainer shell = shell(pod);
    PodContainer guest = pod.start("wasm", Guests.IMAGE, "/loop.wat");
    for (int i = 0; i < PROBES; i++) {
      ExecSyncResponse inShell = exec(shell, 10, "/bin/sh", "-c", "echo out; echo err >&2; exit 4");
      assertThat(inShell.getStdout().toStringUtf8()).isEqualTo("out\n");
      assertThat(inShell.getStderr().toStringUtf8()).isEqualTo("err\n");
      assertThat(inShell.getExitCode()).isEqualTo(4);
      ExecSyncResponse inGuest = exec(guest, 10, "/hello.wasm", "--exit", "5");
      assertThat(inGuest.getStdout().toStringUtf8()).startsWith("hello from wasm\n");
      assertThat(inGuest.getExitCode()).isEqualTo(5);
    }
  }

  @Test
  void aProbeThatTakesTooLongIsEndedAndTheContainerGoesOn() throws IOException {
    Pod pod = pods.kubelet().run("slow", "krustlet");
    PodContainer shell = shell(pod);
    PodContainer guest = pod.start("wasm", Guests.IMAGE, "/loop.wat");

    assertThatThrownBy(() -> exec(shell, 1, "/bin/sh", "-c", "while :; do :; done"))
        .hasMessageContaining("deadline");
    assertThatThrownBy(() -> exec(guest, 1, "/loop.wat")).hasMessageContaining("deadline");

    assertThat(exec(shell, 10, "/bin/sh", "-c", "exit 0").getExitCode()).isZero();
    assertThat(exec(guest, 10, "/hello.wasm").getExitCode()).isZero();
  }

  @Test
  void whatCannotBeExecutedIsSaidInASentence() throws IOException {
    Pod pod = pods.kubelet().run("refused", "krustlet");
    PodContainer shell = shell(pod);
    PodContainer guest = pod.start("wasm", Guests.IMAGE, "/loop.wat");

    assertThatThrownBy(() -> exec(shell, 10, "/nope")).hasMessageContaining("/nope");
    assertThatThrownBy(() -> exec(guest, 10, "/bin/sh")).hasMessageContaining("no wasm module");
  }

  @Test
  void limitsChangeInPlaceInBothKinds() throws IOException {
    Pod pod = pods.kubelet().run("resized", "krustlet");
    List<PodContainer> both = List.of(shell(pod), pod.start("wasm", Guests.IMAGE, "/loop.wat"));
    for (PodContainer container : both) {
      pods.kubelet()
          .cri()
          .call(
              CriCalls.UPDATE_CONTAINER_RESOURCES,
              UpdateContainerResourcesRequest.newBuilder()
                  .setContainerId(container.id())
                  .setLinux(
                      LinuxContainerResources.newBuilder()
                          .setMemoryLimitInBytes(64 << 20)
                          .setCpuPeriod(100_000)
                          .setCpuQuota(50_000))
                  .build());
    }
    assertThat(pod.stats())
        .extracting(ContainerStats::getMemory)
        .allSatisfy(memory ->
            assertThat(
                    memory.getAvailableBytes().getValue() + memory.getWorkingSetBytes().getValue())
                .isEqualTo(64 << 20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/grow.wat", "/bin/sh -c x=x; while :; do x=$x$x; done"})
  void whoWantsMoreMemoryThanItMayHaveIsOomKilled(String command)
      throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("greedy", "krustlet");
    var greedy = Pod.container("greedy", Guests.IMAGE, command.split(" ", 3));
    greedy.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(16L << 20);
    ContainerStatus ended = pod.start(greedy).awaitExit(TestPods.SOON);
    assertThat(ended.getExitCode()).isEqualTo(137);
    assertThat(ended.getReason()).isEqualTo("OOMKilled");
  }
}
