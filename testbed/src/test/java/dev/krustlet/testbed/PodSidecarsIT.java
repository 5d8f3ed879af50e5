package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.Int64Value;
import dev.krustlet.proto.cri.v1.NamespaceMode;
import dev.krustlet.proto.cri.v1.NamespaceOption;
import dev.krustlet.proto.cri.v1.PodSandboxConfig;
import dev.krustlet.testbed.cri.CriException;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Native containers as injectors and `kubectl debug` add them to pods.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class PodSidecarsIT {
  private static final String ASK_PIDS =
      "busybox readlink /proc/self/ns/pid; busybox ps | busybox wc -l";

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  PodSidecarsIT(Installation installation) {
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

  private static ContainerConfig.Builder shell(String name, String script) {
    return Pod.container(name, Guests.IMAGE, "/bin/sh", "-c", script);
  }

  private static ContainerConfig.Builder pids(
      ContainerConfig.Builder container, NamespaceOption.Builder pids) {
    container.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(pids);
    return container;
  }

  private static NamespaceOption.Builder of(PodContainer target) {
    return NamespaceOption.newBuilder().setPid(NamespaceMode.TARGET).setTargetId(target.id());
  }

  private static String told(PodContainer container) throws IOException, InterruptedException {
    assertThat(container.awaitExit(TestPods.SOON).getExitCode()).isZero();
    return container.awaitLog(TestPods.SOON, log -> log.out().lines().count() == 2).out();
  }

  private static String nodesPids() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
  }

  /// The image has none of the directories above the token.
  @Test
  void aUserReadsATokenAtAPlaceThatTheImageLacks() throws IOException, InterruptedException {
    Path token = pods.volume("token");
    Files.writeString(token.resolve("token"), "secret\n");
    Pod pod = pods.kubelet().run("injected", "krustlet");
    var proxy =
        shell("proxy", "cat /var/run/secrets/x/token; umask")
            .addMounts(TestPods.mount(token, "/var/run/secrets/x", true));
    proxy
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .setRunAsUser(Int64Value.newBuilder().setValue(1337));
    assertThat(told(pod.start(proxy))).isEqualTo("secret\n0022\n");
  }

  /// CRI leaves this limit to whoever starts runc. A JVM has raised its own; so does a runc that
  /// was built with Go 1.19, for itself and its containers.
  @Test
  void asManyFilesMayBeOpenAsUnderRuncsOwnShim() throws IOException, InterruptedException {
    assertThat(limits("krustlet")).isEqualTo(limits("runc"));
  }

  private static String limits(String handler) throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("limits-" + handler, handler);
    return told(pod.start(shell("limits", "ulimit -S -n; ulimit -H -n")));
  }

  @Test
  void theProcessesOfAWasmContainerCannotBeJoined() throws IOException {
    Pod pod = pods.kubelet().run("debugged", "krustlet");
    PodContainer wasm = pod.start("wasm", Guests.IMAGE, "/loop.wat");
    assertThatExceptionOfType(CriException.class)
        .isThrownBy(() -> pod.start(pids(shell("debug", ASK_PIDS), of(wasm))))
        .withMessageContaining("cannot join the processes of its target, which is a wasm container")
        .withMessageContaining("without --target");
  }

  @Test
  void thoseOfANativeContainerCan() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("debugged", "krustlet");
    PodContainer target = pod.start(shell("native", "while :; do busybox sleep 1000; done"));
    String seen = told(pod.start(pids(shell("debug", ASK_PIDS), of(target))));
    assertThat(seen).doesNotStartWith(nodesPids());
  }

  @Test
  void aPodThatIsMeantToSeesTheNodesProcesses() throws IOException, InterruptedException {
    var nodes = NamespaceOption.newBuilder().setPid(NamespaceMode.NODE);
    var config = PodSandboxConfig.newBuilder();
    config.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(nodes);
    Pod pod = pods.kubelet().run("agent", "krustlet", config);
    PodContainer wasm = pod.start("wasm", Guests.IMAGE, "/loop.wat");
    assertThat(told(pod.start(pids(shell("agent", ASK_PIDS), nodes)))).startsWith(nodesPids());
    assertThat(told(pod.start(pids(shell("debug", ASK_PIDS), of(wasm))))).startsWith(nodesPids());
  }
}
