package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.http.HttpConnection;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Services in pods, as their clients, their probes and their sidecars see them.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class HttpIT {
  private static final int PODS = 10;
  private static final int GRACE = 40; // seconds; to be awaited in vain is a failure

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  HttpIT(Installation installation) {
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

  @Test
  void aServiceAnswersByItsEnvironmentStreamsAndWritesToTheLog()
      throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("web", "krustlet");
    var variables = Map.of("NAME", "you", "VERBOSE", "1");
    PodContainer web = pod.start(Services.service("web", Services.WEB, variables));
    InetSocketAddress address = Services.listening(pod, Services.PORT);

    assertThat(Services.ask(address)).isEqualTo("200 hello, you");
    Services.finish(Services.echoing(address));

    var log = web.awaitLog(TestPods.SOON, each -> each.lines().size() >= 2);
    assertThat(log.err()).isEqualTo("Method::Get /\nMethod::Post /echo\n");
    assertThat(log.out()).isEmpty();
    assertThat(web.isRunning()).isTrue();
  }

  @Test
  void theNodesProbesSucceed() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("probed", "krustlet");
    pod.start(Services.service("web", Services.WEB, Map.of()));
    InetSocketAddress address = Services.listening(pod, Services.PORT); // which is a TCP probe
    var probe =
        HttpRequest.newBuilder(URI.create("http:/" + address + "/"))
            .timeout(TestPods.SOON)
            .header("User-Agent", "kube-probe/1.34")
            .header("Accept", "*/*")
            .build();

    try (HttpClient client = HttpClient.newHttpClient()) {
      var answer = client.send(probe, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("hello, world\n");
    }
  }

  @Test
  void servicesListenWhereTheirEnvironmentSaysAndASidecarReachesThemOnTheLoopback()
      throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("ports", "krustlet");
    pod.start(Services.service("usual", Services.WEB, Map.of("NAME", "usual")));
    pod.start(Services.service("port", Services.WEB, Map.of("NAME", "port", "PORT", "8081")));
    pod.start(
        Services.service(
            "address",
            Services.WEB,
            Map.of("NAME", "address", "KRUSTLET_HTTP_ADDR", "127.0.0.1:8082")));
    String wget =
        "for port in 8080 8081 8082; do until /bin/busybox wget -q -O - http://127.0.0.1:$port/;"
            + " do /bin/busybox sleep 0.1; done; done";
    PodContainer sidecar = pod.start("sidecar", Guests.IMAGE, "/bin/sh", "-c", wget);

    assertThat(sidecar.awaitExit(TestPods.SOON).getExitCode()).isZero();
    String said = "hello, usual\nhello, port\nhello, address\n";
    var log = sidecar.awaitLog(TestPods.SOON, each -> each.out().lines().count() == 3);
    assertThat(log.out()).isEqualTo(said);
    assertThat(Services.ask(Services.listening(pod, Services.PORT))).isEqualTo("200 hello, usual");
    assertThat(Services.ask(Services.listening(pod, 8081))).isEqualTo("200 hello, port");
    String ip = pod.status().getNetwork().getIp();
    assertThat(HttpConnection.listens(new InetSocketAddress(ip, 8082))).isFalse();
  }

  @Test
  void aStoppedServiceFinishesItsRequestsAndEndsWithZero()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    Pod pod = pods.kubelet().run("stopped", "krustlet");
    PodContainer web = pod.start(Services.service("web", Services.WEB, Map.of()));
    InetSocketAddress address = Services.listening(pod, Services.PORT);
    try (HttpConnection inFlight = Services.echoing(address)) {
      CompletableFuture<Void> stopping = stop(web);
      Await.until("no listener", TestPods.SOON, () -> !HttpConnection.listens(address));
      assertThat(stopping).isNotDone();
      Services.finish(inFlight);
      stopping.get(Await.patiently(TestPods.SOON).toSeconds(), TimeUnit.SECONDS);
    }
    assertThat(web.status().getExitCode()).as(web.log().toString()).isZero();
  }

  private static CompletableFuture<Void> stop(PodContainer container) {
    var stopped = new CompletableFuture<Void>();
    Thread.ofPlatform()
        .name("stop")
        .start(() -> {
          try {
            container.stop(GRACE);
            stopped.complete(null);
          } catch (IOException | RuntimeException e) {
            stopped.completeExceptionally(e);
          }
        });
    return stopped;
  }

  @Test
  void aTrapCostsItsRequestAndItsReasonIsInTheLog() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("failing", "krustlet");
    PodContainer failing = pod.start(Services.service("failing", "/failing-service.wat", Map.of()));
    InetSocketAddress address = Services.listening(pod, Services.PORT);

    assertThat(Services.ask(address)).startsWith("500 ");
    assertThat(Services.ask(address)).startsWith("500 ");

    var log = failing.awaitLog(TestPods.SOON, each -> count(each.err(), "unreachable") >= 2);
    assertThat(count(log.err(), "krustlet: GET /: ")).isEqualTo(2);
    assertThat(failing.isRunning()).isTrue();
    failing.stop(GRACE);
    assertThat(failing.status().getExitCode()).isZero();
  }

  private static long count(String text, String words) {
    return text.lines().filter(line -> line.contains(words)).count();
  }

  @Test
  void tenServicesOfOneBridgeAnswerAtTheSameTime()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    List<Callable<InetSocketAddress>> starts = new ArrayList<>();
    IntStream.range(0, PODS).forEach(i -> starts.add(() -> named("pod" + i)));
    List<InetSocketAddress> addresses = TestPods.atOnce(starts);
    assertThat(addresses).doesNotHaveDuplicates();
    Set<Long> engine = pods.bed().processes(Programs.ENGINE);
    assertThat(engine).hasSize(1);

    var inFlight = new ArrayList<HttpConnection>();
    for (InetSocketAddress address : addresses) {
      inFlight.add(
          Services.echoing(address)); // each while all before it are in the middle of theirs
    }
    List<Callable<String>> asks = new ArrayList<>();
    addresses.forEach(address -> asks.add(() -> Services.ask(address)));
    assertThat(TestPods.atOnce(asks))
        .containsExactlyElementsOf(
            IntStream.range(0, PODS).mapToObj(i -> "200 hello, pod" + i).toList());
    for (HttpConnection each : inFlight) {
      Services.finish(each);
    }
    assertThat(pods.bed().processes(Programs.ENGINE)).isEqualTo(engine);
  }

  private static InetSocketAddress named(String name) throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run(name, "krustlet");
    pod.start(Services.service("web", Services.WEB, Map.of("NAME", name)));
    return Services.listening(pod, Services.PORT);
  }
}
