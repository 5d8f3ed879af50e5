package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.ContainerStats;
import dev.krustlet.testbed.pods.ContainerLog;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Pods with containers of both kinds, as the kubelet makes them.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuildAndLegacy")
final class PodIT {
  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  PodIT(Installation installation) {
    assertThat(pods.kubelet().containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    pods = TestPods.start(installation);
  }

  @AfterEach
  void noPodIsLeft() throws IOException {
    pods.assertNoPodIsLeft();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    pods.close();
  }

  @Test
  void bothKindsOfContainerRunSideBySide() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("mixed", "krustlet");
    assertThat(pod.status().getNetwork().getIp()).startsWith("10.");
    PodContainer wasm = pod.start("wasm", Guests.IMAGE, "/counter.wasm", "--interval", "10");
    PodContainer shell =
        pod.start("native", Guests.IMAGE, "/bin/sh", "-c", "while echo x; do :; done");
    wasm.awaitLog(TestPods.SOON, log -> log.lines().size() > 20);
    shell.awaitLog(TestPods.SOON, log -> log.lines().size() > 20);
    assertThat(pod.stats())
        .extracting(stats -> stats.getAttributes().getId())
        .containsExactlyInAnyOrder(wasm.id(), shell.id());
    assertThat(pod.stats()).allSatisfy(PodIT::assertSane);
    wasm.stop(10);
    shell.stop(0);
    assertThat(wasm.status().getExitCode()).isEqualTo(143);
    assertThat(shell.status().getExitCode()).isEqualTo(137);
    pod.stop();
    pod.remove();
  }

  private static void assertSane(ContainerStats stats) {
    assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isPositive();
    assertThat(stats.getMemory().getWorkingSetBytes().getValue()).isBetween(1L << 12, 1L << 28);
    assertThat(stats.getMemory().getUsageBytes().getValue()).isBetween(1L << 12, 1L << 28);
  }

  @Test
  void logsAreCompleteInOrderAndByStream() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("logs", "krustlet");
    PodContainer wasm =
        pod.start("wasm", Guests.IMAGE, "/counter.wasm", "--interval", "0", "--count", "10000");
    PodContainer trap = pod.start("trap", Guests.IMAGE, "/trap.wat");
    PodContainer shell =
        pod.start(
            "native",
            Guests.IMAGE,
            "/bin/sh",
            "-c",
            "i=0; while [ $i -lt 10000 ]; do i=$((i+1)); echo $i; done; echo end >&2; exit 3");
    assertThat(wasm.awaitExit(TestPods.SOON).getExitCode()).isZero();
    assertThat(trap.awaitExit(TestPods.SOON).getExitCode()).isEqualTo(134);
    assertThat(shell.awaitExit(TestPods.SOON).getExitCode()).isEqualTo(3);
    List<String> numbers = IntStream.rangeClosed(1, 10_000).mapToObj(Integer::toString).toList();
    assertThat(whole(wasm, "10000").out().lines()).containsExactlyElementsOf(numbers);
    assertThat(whole(shell, "10000").out().lines()).containsExactlyElementsOf(numbers);
    assertThat(whole(shell, "end").err()).isEqualTo("end\n");
    assertThat(whole(trap, "unreachable").err()).contains("unreachable");
    pod.remove();
  }

  /// The log once some words are in it: containerd may write the last lines after it has told the
  /// end.
  private static ContainerLog whole(PodContainer container, String words)
      throws IOException, InterruptedException {
    return container.awaitLog(
        TestPods.SOON, log -> log.lines().stream().anyMatch(line -> line.text().contains(words)));
  }

  /// containerd opens its ends of the pipes in the background; some of these have ended before.
  @Test
  void noContainerIsTooShortLivedForItsLog()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    Pod pod = pods.kubelet().run("short", "krustlet");
    List<ContainerLog> logs =
        TestPods.atOnce(
                IntStream.range(0, 4)
                    .<Callable<List<ContainerLog>>>mapToObj(i -> () -> hellos(pod, "hello" + i, 15))
                    .toList())
            .stream()
            .flatMap(List::stream)
            .toList();
    assertThat(logs)
        .hasSize(60)
        .allSatisfy(log -> assertThat(log.out()).contains("HOSTNAME=short"));
    pod.stop();
    pod.remove();
  }

  private static List<ContainerLog> hellos(Pod pod, String name, int times)
      throws IOException, InterruptedException {
    var logs = new ArrayList<ContainerLog>();
    for (int i = 0; i < times; i++) {
      PodContainer hello = pod.start(name + "-" + i, Guests.IMAGE, "/hello.wasm");
      hello.awaitExit(TestPods.SOON);
      logs.add(whole(hello, "HOSTNAME"));
    }
    return logs;
  }

  @Test
  void aConfigMapCanBeReadAndNotWritten() throws IOException, InterruptedException {
    Path config = pods.volume("config");
    Files.writeString(config.resolve("message"), "hello from a file\n");
    Pod pod = pods.kubelet().run("config", "krustlet");
    PodContainer reader = files(pod, "reader", config, "/config/message", "/tmp/copy");
    PodContainer writer = files(pod, "writer", config, "/config/message", "/config/other");
    assertThat(reader.awaitExit(TestPods.SOON).getExitCode()).as(reader.log().err()).isZero();
    assertThat(writer.awaitExit(TestPods.SOON).getExitCode()).isEqualTo(73);
    assertThat(whole(writer, "cannot write").err()).contains("/config/other");
    assertThat(config.resolve("other")).doesNotExist();
    pod.remove();
  }

  private static PodContainer files(Pod pod, String name, Path config, String from, String to)
      throws IOException {
    ContainerConfig.Builder container =
        Pod.container(name, Guests.IMAGE, "/files.wasm", from, to)
            .addMounts(TestPods.mount(config, "/config", true));
    return pod.start(container);
  }

  @Test
  void anEmptyDirIsSharedBetweenTheKinds() throws IOException, InterruptedException {
    Path shared = pods.volume("shared");
    Pod pod = pods.kubelet().run("shared", "krustlet");
    pod.start(
        Pod.container(
                "wasm",
                Guests.IMAGE,
                "/counter.wasm",
                "--interval",
                "10",
                "--out",
                "/shared/numbers")
            .addMounts(TestPods.mount(shared, "/shared", false)));
    PodContainer sidecar =
        pod.start(
            Pod.container(
                    "sidecar",
                    Guests.IMAGE,
                    "/bin/sh",
                    "-c",
                    "exec /bin/busybox tail -F -n +1 /shared/numbers")
                .addMounts(TestPods.mount(shared, "/shared", false)));
    var log = sidecar.awaitLog(TestPods.SOON, each -> each.out().lines().count() >= 20);
    assertThat(log.out().lines().limit(20))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 20).mapToObj(Integer::toString).toList());
    pod.stop();
    pod.remove();
  }
}
