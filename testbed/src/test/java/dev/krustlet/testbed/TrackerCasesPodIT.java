package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.Int64Value;
import dev.krustlet.proto.cri.v1.PodSandboxConfig;
import dev.krustlet.proto.cri.v1.SecurityProfile;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What users of other shims ran into with pods, as their trackers tell it; docs/compatibility has
/// the list.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class TrackerCasesPodIT {
  private static final int PROBES = 10;

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  TrackerCasesPodIT(Installation installation) {
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

  /// deislabs/containerd-wasm-shims#194: with these limits the liveness probe failed for ever.
  @Test
  void aServiceWithSmallLimitsAnswersItsProbes() throws IOException, InterruptedException {
    Pod pod = pod("limited");
    var config = Services.service("web", Services.WEB, Map.of());
    config
        .getLinuxBuilder()
        .getResourcesBuilder()
        .setCpuPeriod(100_000)
        .setCpuQuota(10_000)
        .setCpuShares(102)
        .setMemoryLimitInBytes(128 << 20);
    PodContainer web = pod.start(config);
    InetSocketAddress address = Services.listening(pod, Services.PORT);

    for (int i = 0; i < PROBES; i++) {
      Instant asked = Instant.now();
      assertThat(Services.ask(address)).isEqualTo("200 hello, world");
      assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(1));
      TimeUnit.MILLISECONDS.sleep(200); // between two probes
    }
    assertThat(web.isRunning()).isTrue();
  }

  /// containerd/runwasi#418, deislabs/containerd-wasm-shims#207: the pod stayed in Terminating.
  @Test
  void aPodThatComputesAndServesGoesWhenItIsDeleted() throws IOException, InterruptedException {
    Pod pod = pod("going");
    PodContainer web = pod.start(Services.service("web", Services.WEB, Map.of()));
    PodContainer loop = pod.start("loop", Guests.IMAGE, "/loop.wat");
    PodContainer shell = pod.start("shell", Guests.IMAGE, "/bin/sh", "-c", "while :; do :; done");
    Services.listening(pod, Services.PORT);
    Instant deleted = Instant.now();

    web.stop(30);
    loop.stop(30);
    shell.stop(1);
    pod.stop();
    pod.remove();

    assertThat(Duration.between(deleted, Instant.now())).isLessThan(Duration.ofSeconds(20));
  }

  /// KWasm/kwasm-operator#27, containers/crun#886: pods are annotated for crun's handler, on which
  /// it depends what is executed.
  @Test
  void aPodAnnotatedForCrunRunsAsAnyOther() throws IOException, InterruptedException {
    Pod pod =
        pods.kubelet().run("crun", "krustlet", Map.of("module.wasm.image/variant", "compat-smart"));

    PodContainer wasm = pod.start("wasm", Guests.IMAGE, "/hello.wasm");
    PodContainer sidecar = pod.start("sidecar", Guests.IMAGE, "/bin/sh", "-c", "echo native");

    assertThat(wasm.awaitExit(TestPods.SOON).getExitCode()).isZero();
    assertThat(wasm.log().out()).startsWith("hello from wasm\n");
    assertThat(sidecar.awaitExit(TestPods.SOON).getExitCode()).isZero();
    assertThat(sidecar.log().out()).isEqualTo("native\n");
  }

  /// spinframework/spin-operator#203: the namespace enforces the standard "restricted".
  @Test
  void aPodOfTheRestrictedStandardRuns() throws IOException, InterruptedException {
    var restricted = PodSandboxConfig.newBuilder();
    restricted
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .setRunAsUser(Int64Value.newBuilder().setValue(1000))
        .setSeccomp(runtimeDefault());
    Pod pod = pods.kubelet().run("restricted", "krustlet", restricted);

    pod.start(restricted(Services.service("web", Services.WEB, Map.of())));
    PodContainer shell =
        pod.start(restricted(Pod.container("shell", Guests.IMAGE, "/bin/sh", "-c", "echo native")));

    assertThat(Services.ask(Services.listening(pod, Services.PORT))).isEqualTo("200 hello, world");
    assertThat(shell.awaitExit(TestPods.SOON).getExitCode()).isZero();
  }

  private static ContainerConfig.Builder restricted(ContainerConfig.Builder container) {
    var context = container.getLinuxBuilder().getSecurityContextBuilder();
    context
        .setRunAsUser(Int64Value.newBuilder().setValue(1000))
        .setReadonlyRootfs(true)
        .setNoNewPrivs(true)
        .setSeccomp(runtimeDefault());
    context.getCapabilitiesBuilder().addDropCapabilities("ALL");
    return container;
  }

  private static SecurityProfile runtimeDefault() {
    return SecurityProfile.newBuilder()
        .setProfileType(SecurityProfile.ProfileType.RuntimeDefault)
        .build();
  }

  /// spinframework/spin-operator#266, containerd/containerd#8956: ports below 1024.
  @Test
  void aServiceOfRootListensAtPort80WithEveryContainerd() throws IOException, InterruptedException {
    Pod pod = pod("low");

    pod.start(Services.service("web", Services.WEB, Map.of("PORT", "80")));

    assertThat(Services.ask(Services.listening(pod, 80))).isEqualTo("200 hello, world");
  }

  /// containerd 2.0 opens them to all by default.
  @Test
  void aServiceOfAnotherUserNamesTheSettingThatItLacks() throws IOException, InterruptedException {
    assumeThat(pods.kubelet().containerd().installation().isSince("2.0")).isFalse();
    Pod pod = pod("refused");

    PodContainer web =
        pod.start(restricted(Services.service("web", Services.WEB, Map.of("PORT", "80"))));

    assertThat(web.awaitExit(TestPods.SOON).getExitCode()).isNotZero();
    assertThat(web.awaitLog(TestPods.SOON, log -> !log.lines().isEmpty()).err())
        .contains("listen at 0.0.0.0:80", "net.ipv4.ip_unprivileged_port_start");
  }

  /// spinframework/containerd-shim-spin#174, #242: what failed at the start of an app was in no
  /// log.
  @Test
  void whyAServiceCouldNotStartIsInItsLog() throws IOException, InterruptedException {
    Pod pod = pod("said");
    pod.start(Services.service("first", Services.WEB, Map.of()));
    Services.listening(pod, Services.PORT);

    PodContainer second = pod.start(Services.service("second", Services.WEB, Map.of()));

    assertThat(second.awaitExit(TestPods.SOON).getExitCode()).isNotZero();
    assertThat(second.awaitLog(TestPods.SOON, log -> !log.lines().isEmpty()).err())
        .contains("listen at", ":8080", "in use");
  }
}
