package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.cri.v1.ContainerStatus;
import dev.krustlet.proto.cri.v1.ExecSyncRequest;
import dev.krustlet.proto.cri.v1.ExecSyncResponse;
import dev.krustlet.proto.cri.v1.UpdateContainerResourcesRequest;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.cri.CriException;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a kubelet asks of containers that run: limits, probes.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class PodLimitsIT {
  private static final long MEBIBYTE = 1 << 20;

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  PodLimitsIT(Installation installation) {
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

  @ParameterizedTest
  @ValueSource(strings = {"/grow.wat", "/bin/sh -c x=x; while :; do x=$x$x; done"})
  void whoWantsMoreMemoryThanItMayHaveIsOomKilled(String command)
      throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("greedy", "krustlet");
    var greedy = Pod.container("greedy", Guests.IMAGE, command.split(" ", 3));
    greedy.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(16 * MEBIBYTE);
    ContainerStatus ended = pod.start(greedy).awaitExit(TestPods.SOON);
    assertThat(ended.getExitCode()).isEqualTo(137);
    assertThat(ended.getReason()).isEqualTo("OOMKilled");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/loop.wat", "/bin/sh -c while :; do :; done"})
  void limitsChangeInAContainerThatRuns(String command) throws IOException {
    Pod pod = pods.kubelet().run("updated", "krustlet");
    var config = Pod.container("updated", Guests.IMAGE, command.split(" ", 3));
    config.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(16 * MEBIBYTE);
    PodContainer updated = pod.start(config);
    var request = UpdateContainerResourcesRequest.newBuilder().setContainerId(updated.id());
    request
        .getLinuxBuilder()
        .setCpuPeriod(100_000)
        .setCpuQuota(50_000)
        .setMemoryLimitInBytes(64 * MEBIBYTE);
    pods.kubelet().cri().call(CriCalls.UPDATE_CONTAINER_RESOURCES, request.build());
    assertThat(updated.isRunning()).isTrue();
    assertThat(updated.stats().getMemory().getAvailableBytes().getValue())
        .isBetween(32 * MEBIBYTE, 64 * MEBIBYTE);
  }

  @Test
  void aProbeRunsAProgramOrAModule() throws IOException {
    Pod pod = pods.kubelet().run("probed", "krustlet");
    PodContainer wasm = pod.start("wasm", Guests.IMAGE, "/loop.wat");
    PodContainer shell = pod.start("native", Guests.IMAGE, "/bin/sh", "-c", "while :; do :; done");
    ExecSyncResponse module = probe(wasm, "/hello.wasm", "--exit", "3");
    assertThat(module.getExitCode()).isEqualTo(3);
    assertThat(module.getStdout().toStringUtf8()).startsWith("hello from wasm\n");
    ExecSyncResponse program = probe(shell, "/bin/sh", "-c", "echo alive; exit 4");
    assertThat(program.getExitCode()).isEqualTo(4);
    assertThat(program.getStdout().toStringUtf8()).isEqualTo("alive\n");
  }

  private static ExecSyncResponse probe(PodContainer container, String... command)
      throws CriException {
    var request = ExecSyncRequest.newBuilder().setContainerId(container.id()).setTimeout(30);
    for (String word : command) {
      request.addCmd(word);
    }
    return pods.kubelet().cri().call(CriCalls.EXEC_SYNC, request.build());
  }
}
