package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.testbed.cri.CriException;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Components of WASI 0.3 on nodes that have it switched on, and on others. What such guests can do
/// is the engine's tests' to show.
final class Wasi3IT {
  private static final String IMAGE = "localhost/wasi3:1";
  private static final int GRACE = 10; // seconds

  private static ContainerConfig.Builder command(String... words) {
    return Pod.container("command", IMAGE, "/command3.wasm").addAllArgs(List.of(words));
  }

  /// A node that has the guests of the engine's own tests.
  private static TestPods node() throws IOException, InterruptedException {
    Installation installation = Installation.ofBuild().getFirst();
    TestPods pods = TestPods.start(installation);
    var image = new ImageArchive(IMAGE);
    for (String guest : List.of("command3", "service3")) {
      String module = "engine/tests/guests/%s/%1$s.wasm".formatted(guest);
      byte[] bytes = Files.readAllBytes(installation.root().resolve(module));
      image.file(guest + ".wasm", 0644, bytes);
    }
    pods.kubelet().load(image);
    return pods;
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
      PodContainer service = pod.start(Pod.container("service", IMAGE, "/service3.wasm"));
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
