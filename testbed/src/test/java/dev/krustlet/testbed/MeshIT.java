package dev.krustlet.testbed;

import static dev.krustlet.testbed.Mesh.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Guests of a pod whose traffic a mesh's rules send to its proxy, by the user that each socket
/// belongs to. No containerd has a part in it.
final class MeshIT {
  private static final long USER = 1000;
  private static final int FILES = 7000;

  @SuppressWarnings("NullAway.Init") // before all tests
  private static TestPods pods;

  private Cluster cluster;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    assumeTrue(Mesh.canBeMade(), "needs iptables and python3");
    pods = TestPods.start(Installation.ofBuild().getFirst());
  }

  @AfterAll
  static void stop() throws IOException {
    if (pods != null) {
      pods.close();
    }
  }

  @BeforeEach
  void found() throws IOException {
    cluster = Cluster.start(pods);
  }

  @AfterEach
  void noPodIsLeft() throws IOException {
    cluster.close();
    pods.kubelet().removePods();
    pods.assertNoPodIsLeft();
  }

  private static ContainerConfig.Builder shell(String name, String script) {
    return Pod.container(name, Guests.IMAGE, "/bin/sh", "-c", script);
  }

  private static void assertSucceeds(PodContainer container)
      throws IOException, InterruptedException {
    var ended = container.awaitExit(TestPods.SOON);
    assertThat(ended.getExitCode()).as(container.log().toString()).isZero();
  }

  /// The proxy tells whoever asks for a name by UDP to ask again by TCP.
  @Test
  void requestsSocketsAndNamesOfAGuestAreSeenAsThoseOfANativeContainer()
      throws IOException, InterruptedException {
    PodContainer web = cluster.runWeb(Map.of());
    assertThat(web.isRunning()).isTrue();
    String there = cluster.names().address("web" + Cluster.ZONE) + ":8080";
    Pod pod = cluster.run("asking", Map.of());
    Mesh mesh = Mesh.inject(pods, pod);
    int port = cluster.greeter().port();

    String ask = "busybox wget -q -O - http://" + there;
    assertSucceeds(pod.start(as(USER + 1, shell("native", ask))));
    mesh.awaitLine("out %d %s".formatted(USER + 1, there));

    Cluster.assertFetches(
        pod, as(USER, Cluster.fetching("http://web:8080/")), "200\nhello, world\n");
    mesh.awaitLine("dns %d web%s".formatted(USER, Cluster.ZONE));
    mesh.awaitLine("out %d %s:53".formatted(USER, cluster.gateway()));
    mesh.awaitLine("out %d %s".formatted(USER, there));

    Cluster.assertFetches(
        pod, as(USER, Cluster.fetching("tcp://greeter:" + port)), Greeter.GREETING);
    mesh.awaitLine("out %d %s:%d".formatted(USER, cluster.gateway(), port));
  }

  @Test
  void theStoreOfAGuestIsReachedThroughTheProxy() throws IOException, InterruptedException {
    assumeTrue(Redis.isInstalled(), "needs redis-tools");
    String url = Redis.url(cluster.gateway());
    Pod pod = cluster.run("storing", Map.of("krustlet.dev/keyvalue", url));
    Mesh mesh = Mesh.inject(pods, pod);
    var counter = Pod.container("counter", Guests.IMAGE, "/keyvalue-counter.wasm");
    counter.addEnvs(Services.variable("times", "1"));

    try (Command _ = Redis.start(pods, cluster.gateway())) {
      PodContainer counting = pod.start(as(USER, counter));

      assertSucceeds(counting);
      assertThat(counting.log().out()).isEqualTo("count 1\n");
      mesh.awaitLine(url.replace("redis://", "out %d ".formatted(USER)));
    }
  }

  @Test
  void aServiceIsAskedThroughTheProxyAndAsksThroughIt() throws IOException, InterruptedException {
    cluster.runWeb(Map.of());
    String web = cluster.names().address("web" + Cluster.ZONE) + ":8080";
    Pod pod = cluster.run("serving", Map.of());
    Mesh mesh = Mesh.inject(pods, pod);
    pod.start(as(USER, Services.service("relay", "/relay.wasm", Map.of("UPSTREAM", "web:8080"))));
    String own = pod.status().getNetwork().getIp();
    awaitOwner(pod, Services.PORT);

    assertThat(Services.ask(Services.listening(pod, Services.PORT))).isEqualTo("200 hello, world");

    mesh.awaitLine("in - %s:%d".formatted(own, Services.PORT));
    mesh.awaitLine("out %d %s".formatted(USER, web));
  }

  @Test
  void aModuleThatFindsItsSocketOpenIsAskedThroughTheProxy()
      throws IOException, InterruptedException {
    Pod pod = cluster.run("listening", Map.of("krustlet.dev/listen", "0.0.0.0:" + FILES));
    Mesh mesh = Mesh.inject(pods, pod);
    Path files = pods.volume("files");
    Files.writeString(files.resolve("index.html"), "<p>of a volume\n");
    var server = Pod.container("files", Guests.IMAGE, "/file-server.wasm");
    server.addMounts(TestPods.mount(files, "/srv", true));
    pod.start(as(USER, server));
    awaitOwner(pod, FILES);

    assertThat(Services.ask(Services.listening(pod, FILES))).isEqualTo("200 <p>of a volume");

    mesh.awaitLine("in - %s:%d".formatted(pod.status().getNetwork().getIp(), FILES));
  }

  /// Waits until the pod listens there, and sees by the kernel's table whose the socket is.
  private static void awaitOwner(Pod pod, int port) throws IOException, InterruptedException {
    String listening = " [0-9A-F]*:%04X [0-9A-F]*:0000 0A ".formatted(port);
    String script =
        "until busybox grep -h '%s' /proc/net/tcp /proc/net/tcp6; do busybox sleep 0.1; done"
            .formatted(listening);
    PodContainer looking = pod.start(shell("owner", script));
    assertSucceeds(looking);
    List<String> fields = List.of(looking.log().out().strip().split("\\s+", -1));
    assertThat(fields.get(7)).as(fields.toString()).isEqualTo(Long.toString(USER));
  }

  @Test
  void whatTheUserOfTheProxyAsksIsNotSent() throws IOException, InterruptedException {
    Pod pod = cluster.run("passing", Map.of());
    Mesh mesh = Mesh.inject(pods, pod);
    int port = cluster.greeter().port();
    String here = "%s:%d".formatted(cluster.gateway(), port);

    Cluster.assertFetches(
        pod, as(Mesh.USER, Cluster.fetching("tcp://greeter:" + port)), Greeter.GREETING);
    Cluster.assertFetches(pod, as(USER, Cluster.fetching("tcp://" + here)), Greeter.GREETING);

    mesh.awaitLine("out %d %s".formatted(USER, here));
    assertThat(mesh.seen()).isEqualTo("ready\nout %d %s\n".formatted(USER, here));
  }
}
