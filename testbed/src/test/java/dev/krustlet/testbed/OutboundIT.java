package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.testbed.http.HttpConnection;
import dev.krustlet.testbed.http.HttpHead;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What guests may reach of all that their pod's network leads to. No containerd has a part in it
/// beyond passing annotations on, which `PolicyIT` tries with each.
final class OutboundIT {
  private static final String OUTBOUND = "krustlet.dev/outbound";
  private static final String OLD = "alpha.wasi.krustlet.dev/";
  private static final String DENIED = "ermission denied";
  private static final String ZONE = Cluster.ZONE;

  @SuppressWarnings("NullAway.Init") // before all tests
  private static TestPods pods;

  private Cluster cluster;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    pods = TestPods.start(Installation.ofBuild().getFirst());
  }

  @AfterAll
  static void stop() throws IOException {
    pods.close();
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

  @Test
  void aSocketReachesWhatTheNewAndTheOldAnnotationNameAndNothingElse()
      throws IOException, InterruptedException {
    String gateway = cluster.gateway();
    String here = "tcp://%s:".formatted(gateway);
    int port = cluster.greeter().port();
    var asked =
        Map.of(
            OUTBOUND,
            "%s:%d".formatted(gateway, port),
            OLD + "allowed-domains",
            "[\"http://%s:%d\"]".formatted(gateway, port));
    try (var other = Greeter.start(gateway)) {
      for (var annotation : asked.entrySet()) {
        String name = annotation.getKey().replaceAll("[./]", "-");
        Pod pod = cluster.run(name, Map.of(annotation.getKey(), annotation.getValue()));

        Cluster.assertFetches(pod, Cluster.fetching(here + port), Greeter.GREETING);
        Cluster.assertFails(pod, Cluster.fetching(here + other.port()), DENIED);
        Cluster.assertFails(pod, Cluster.fetching("tcp://greeter:" + port), DENIED);
      }
    }
    assertThat(cluster.names().asked()).isEmpty();
  }

  @Test
  void aServiceAsksTheOneOtherThatItsPolicyNames() throws IOException, InterruptedException {
    cluster.runWeb(Map.of());
    int port = cluster.greeter().port();
    Pod pod = cluster.run("relay", Map.of(OUTBOUND, "web" + ZONE + ":8080"));
    PodContainer good = pod.start(relay(Services.PORT, "web" + ZONE + ":8080"));
    PodContainer bad = pod.start(relay(8081, "greeter%s:%d".formatted(ZONE, port)));

    assertThat(Services.ask(Services.listening(pod, Services.PORT))).isEqualTo("200 hello, world");
    assertThat(Services.ask(Services.listening(pod, 8081))).isEqualTo("502");
    awaitUpstream(bad, "ErrorCode::HttpRequestDenied");
    assertThat(good.log().err()).isEmpty();
    assertThat(cluster.names().asked())
        .contains("web" + ZONE)
        .allMatch(name -> name.startsWith("web"));
  }

  @Test
  void requestsUnderWayAtOnceAreHeldToTheOldAnnotation() throws IOException, InterruptedException {
    PodContainer web = cluster.runWeb(Map.of("krustlet.dev/http-access-log", "true"));
    Pod pod = cluster.run("relay", Map.of(OLD + "max-concurrent-requests", "1"));
    PodContainer relay = pod.start(relay(Services.PORT, "web:8080"));
    InetSocketAddress address = Services.listening(pod, Services.PORT);

    try (HttpConnection first = Services.connect(address)) {
      first.post("/echo");
      first.chunk("one");
      web.awaitLog(TestPods.SOON, log -> log.err().contains("POST /echo: 200"));
      assertThat(Services.ask(address)).isEqualTo("502");
      awaitUpstream(relay, "ErrorCode::ConnectionLimitReached");
      first.end();
      HttpHead head = first.head();
      assertThat(first.content(head)).isEqualTo("one");
    }
    assertThat(Services.ask(address)).isEqualTo("200 hello, world");
  }

  private static ContainerConfig.Builder relay(int port, String upstream) {
    var variables = Map.of("UPSTREAM", upstream, "PORT", Integer.toString(port));
    return Services.service("relay-" + port, "/relay.wasm", variables);
  }

  private static void awaitUpstream(PodContainer relay, String error)
      throws IOException, InterruptedException {
    relay.awaitLog(TestPods.SOON, log -> log.err().equals("upstream: %s\n".formatted(error)));
  }
}
