package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.testbed.cri.CriException;
import dev.krustlet.testbed.http.HttpConnection;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A module of preview 1 that serves, at a socket that its pod's annotation names. No containerd
/// has a part in it beyond passing annotations on, which `PolicyIT` tries with each.
final class ListenIT {
  private static final String LISTEN = "krustlet.dev/listen";
  private static final int PORT = 7000;

  @SuppressWarnings("NullAway.Init") // before all tests
  private static TestPods pods;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    pods = TestPods.start(Installation.ofBuild().getFirst());
    pods.configure("policy.inbound_ports = [\"%d\"]\n".formatted(PORT));
  }

  @AfterEach
  void noPodIsLeft() throws IOException {
    pods.kubelet().removePods();
    pods.assertNoPodIsLeft();
  }

  @AfterAll
  static void stop() throws IOException {
    pods.close();
  }

  private static Pod run(String listen) throws IOException {
    return pods.kubelet().run("files", "krustlet", Map.of(LISTEN, listen));
  }

  private static ContainerConfig.Builder server(String name) throws IOException {
    Path files = pods.volume("files");
    Files.writeString(files.resolve("index.html"), "<p>of a volume\n");
    return Pod.container(name, Guests.IMAGE, "/file-server.wasm")
        .addMounts(TestPods.mount(files, "/srv", true));
  }

  @Test
  void itServesAVolumeAndAfterItAnother() throws IOException, InterruptedException {
    Pod pod = run("0.0.0.0:" + PORT);
    var address = new InetSocketAddress(pod.status().getNetwork().getIp(), PORT);
    for (String name : new String[] {"first", "second"}) {
      PodContainer server = pod.start(server(name));

      assertThat(Services.ask(address)).isEqualTo("200 <p>of a volume");

      var log = server.awaitLog(TestPods.SOON, each -> each.lines().size() >= 2);
      assertThat(log.out()).isEqualTo("serving /srv at port 7000\nGET / HTTP/1.1 200 OK\n");
      server.stop(0);
      assertThat(HttpConnection.listens(address)).isFalse();
    }
  }

  @Test
  void aPortThatSomebodyHasIsRefused() throws IOException {
    Pod pod = run("0.0.0.0:" + PORT);
    pod.start(server("first"));

    assertThatThrownBy(() -> pod.start(server("second")))
        .isInstanceOf(CriException.class)
        .hasMessageContainingAll("0.0.0.0:7000", "in use");
  }

  @Test
  void aPortThatTheNodeDoesNotGiveIsRefused() throws IOException {
    Pod pod = run("0.0.0.0:7001");

    assertThatThrownBy(() -> pod.start(server("files")))
        .isInstanceOf(CriException.class)
        .hasMessageContainingAll(LISTEN, "0.0.0.0:7001", "policy.inbound_ports", "7000");
  }

  @Test
  void aServiceListensAtNoOtherPortEither() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("services", "krustlet");

    assertThatThrownBy(() -> pod.start(Services.service("usual", Services.WEB, Map.of())))
        .isInstanceOf(CriException.class)
        .hasMessageContaining("8080");

    pod.start(Services.service("given", Services.WEB, Map.of("PORT", Integer.toString(PORT))));
    assertThat(Services.ask(Services.listening(pod, PORT))).isEqualTo("200 hello, world");
  }
}
