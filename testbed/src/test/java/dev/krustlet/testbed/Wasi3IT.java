package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.testbed.cri.CriException;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Components of WASI 0.3 on nodes that have it switched on, and on others. What such guests can do
/// is the engine's tests' to show.
final class Wasi3IT {
  private static final int GRACE = 10; // seconds

  private static ContainerConfig.Builder command(String... words) {
    return Pod.container("command", Guests.IMAGE, "/command3.wasm").addAllArgs(List.of(words));
  }

  private static TestPods node() throws IOException, InterruptedException {
    return TestPods.start(Installation.ofBuild().getLast());
  }

  @Test
  void commandsAndServicesRunBesideOthers() throws IOException, InterruptedException {
    try (TestPods pods = node()) {
      pods.configure("wasi3 = true\n");
      Pod pod = pods.kubelet().run("three", "krustlet");

      PodContainer shown = pod.start(command("show", "one"));
      assertThat(shown.awaitExit(TestPods.SOON).getExitCode()).isZero();
      var log = shown.awaitLog(TestPods.SOON, each -> !each.lines().isEmpty());
      assertThat(log.out()).startsWith("/command3.wasm show one\n");

      pod.start(Services.service("web", Services.WEB, Map.of("PORT", "8081")));
      PodContainer service = pod.start(Services.service("service", "/service3.wasm", Map.of()));
      InetSocketAddress address = Services.listening(pod, Services.PORT);
      assertThat(Services.ask(address)).startsWith("200 ");
      assertThat(Services.ask(Services.listening(pod, 8081))).isEqualTo("200 hello, world");
      Services.finish(Services.echoing(address));
      service.stop(GRACE);
      assertThat(service.status().getExitCode()).isZero();
      pods.kubelet().removePods();
      pods.assertNoPodIsLeft();
    }
  }

  @Test
  void aNodeWithoutTheSwitchSaysHowToSetIt() throws IOException, InterruptedException {
    try (TestPods pods = node()) {
      Pod pod = pods.kubelet().run("three", "krustlet");

      assertThatThrownBy(() -> pod.start(command("show")))
          .isInstanceOf(CriException.class)
          .hasMessageContainingAll("WASI 0.3", "wasi3 = true");
      pods.kubelet().removePods();
      pods.assertNoPodIsLeft();
    }
  }
}
