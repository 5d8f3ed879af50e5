package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.krustlet.proto.cri.v1.ContainerStats;
import dev.krustlet.proto.cri.v1.ContainerStatsRequest;
import dev.krustlet.proto.cri.v1.LinuxPodSandboxStats;
import dev.krustlet.proto.cri.v1.ListPodSandboxMetricsRequest;
import dev.krustlet.proto.cri.v1.Metric;
import dev.krustlet.proto.cri.v1.PodSandboxStatsRequest;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.cri.CriException;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Which figures of CRI count a wasm container: those of containers. Those of a pod are its
/// cgroup's, where no guest is.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class PodFiguresIT {
  /// What the guest fills.
  private static final long HELD = 64 << 20;

  /// What a guest computes before it is looked at: containerd tells whole seconds.
  private static final long COMPUTED_NANOS = 1_200_000_000;

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  PodFiguresIT(Installation installation) {
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

  private static Pod pod(String name) throws IOException {
    return pods.kubelet().run(name, "krustlet");
  }

  /// A guest that holds and computes, by the time that its figures say so.
  private static PodContainer busy(Pod pod) throws IOException, InterruptedException {
    PodContainer guest = pod.start("guest", Guests.IMAGE, "/hold.wat");
    Await.until(
        "a busy guest",
        TestPods.SOON,
        () -> cpu(stats(guest)) > COMPUTED_NANOS && usage(stats(guest)) >= HELD);
    return guest;
  }

  private static ContainerStats stats(PodContainer container) throws CriException {
    var question = ContainerStatsRequest.newBuilder().setContainerId(container.id()).build();
    return pods.kubelet().cri().call(CriCalls.CONTAINER_STATS, question).getStats();
  }

  private static LinuxPodSandboxStats stats(Pod pod) throws CriException {
    var question = PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod.id()).build();
    return pods.kubelet().cri().call(CriCalls.POD_SANDBOX_STATS, question).getStats().getLinux();
  }

  private static long cpu(ContainerStats stats) {
    return stats.getCpu().getUsageCoreNanoSeconds().getValue();
  }

  private static long usage(ContainerStats stats) {
    return stats.getMemory().getUsageBytes().getValue();
  }

  @Test
  void aContainersFiguresCountIt() throws IOException, InterruptedException {
    PodContainer guest = busy(pod("counted"));

    var stats = stats(guest);

    assertThat(usage(stats)).isBetween(HELD, 2 * HELD);
    assertThat(stats.getMemory().getWorkingSetBytes().getValue()).isBetween(HELD, 2 * HELD);
    assertThat(cpu(stats)).isGreaterThan(COMPUTED_NANOS);
  }

  /// What `/stats/summary` has of the pod as a whole, and eviction ranks pods by.
  @Test
  void aPodsFiguresAreItsCgroups() throws IOException, InterruptedException {
    assumeThat(pods.kubelet().containerd().installation().isSince("2.1"))
        .as("PodSandboxStats")
        .isTrue();
    Pod pod = pod("apart");
    PodContainer guest = busy(pod);

    var stats = stats(pod);

    assertThat(stats.getMemory().getUsageBytes().getValue()).isLessThan(HELD);
    assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isLessThan(COMPUTED_NANOS);
    assertThat(stats.getContainersList())
        .singleElement()
        .satisfies(each -> {
          assertThat(each.getAttributes().getId()).isEqualTo(guest.id());
          assertThat(usage(each)).isGreaterThanOrEqualTo(HELD);
          assertThat(cpu(each)).isGreaterThan(COMPUTED_NANOS);
        });
  }

  /// What the kubelet shows as `/metrics/cadvisor` where it asks containerd and not the kernel.
  @Test
  void metricsByCriHaveBoth() throws IOException, InterruptedException {
    assumeThat(pods.kubelet().containerd().installation().isSince("2.2"))
        .as("ListPodSandboxMetrics")
        .isTrue();
    Pod pod = pod("metrics");
    PodContainer guest = busy(pod);

    var metrics =
        pods.kubelet()
            .cri()
            .call(
                CriCalls.LIST_POD_SANDBOX_METRICS,
                ListPodSandboxMetricsRequest.getDefaultInstance())
            .getPodMetricsList();

    assertThat(metrics)
        .singleElement()
        .satisfies(each -> {
          assertThat(each.getPodSandboxId()).isEqualTo(pod.id());
          assertThat(each.getContainerMetricsList())
              .singleElement()
              .satisfies(container -> {
                assertThat(container.getContainerId()).isEqualTo(guest.id());
                assertThat(value(container.getMetricsList(), "container_memory_usage_bytes"))
                    .isGreaterThanOrEqualTo(HELD);
                assertThat(value(container.getMetricsList(), "container_cpu_usage_seconds_total"))
                    .isPositive();
              });
        });
  }

  private static long value(List<Metric> metrics, String name) {
    return metrics.stream()
        .filter(each -> each.getName().equals(name))
        .mapToLong(each -> each.getValue().getValue())
        .max()
        .orElseThrow(() -> new AssertionError(name + " is none of " + metrics));
  }
}
