package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.PodSandboxConfig;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// Pods of one bridge that know names as pods of a cluster do, from a name server that the node
/// itself does not ask, and guests that fetch something by such a name.
///
/// @param greeter on the node, `greeter` by its short name
record Cluster(TestPods pods, NameServer names, Greeter greeter) implements AutoCloseable {
  static final String ZONE = ".default.svc.cluster.local";

  private static final AtomicInteger FETCHES = new AtomicInteger();

  static Cluster start(TestPods pods) throws IOException {
    String gateway = pods.kubelet().network().gateway();
    var cluster = new Cluster(pods, NameServer.start(gateway), Greeter.start(gateway));
    cluster.names.tell("greeter" + ZONE, gateway);
    return cluster;
  }

  /// The node's address among its pods.
  String gateway() {
    return pods.kubelet().network().gateway();
  }

  /// Runs a pod with the name servers that a kubelet gives it.
  Pod run(String name, Map<String, String> annotations) throws IOException {
    var config = PodSandboxConfig.newBuilder().putAllAnnotations(annotations);
    config
        .getDnsConfigBuilder()
        .addServers(gateway())
        .addAllSearches(List.of(ZONE.substring(1), "svc.cluster.local", "cluster.local"))
        .addOptions("ndots:5");
    return pods.kubelet().run(name, "krustlet", config);
  }

  /// Runs a pod with a service that others reach by its name.
  PodContainer runWeb(Map<String, String> annotations) throws IOException, InterruptedException {
    Pod pod = run("web", annotations);
    PodContainer web = pod.start(Services.service("web", Services.WEB, Map.of()));
    Services.listening(pod, Services.PORT);
    names.tell("web" + ZONE, pod.status().getNetwork().getIp());
    return web;
  }

  /// A container that fetches a URL, with a log of its own.
  static ContainerConfig.Builder fetching(String url) {
    String name = "fetch-" + FETCHES.incrementAndGet();
    return Pod.container(name, Guests.IMAGE, "/fetch.wasm", "--timeout", "20", url);
  }

  static void assertFetches(Pod pod, ContainerConfig.Builder fetching, String answer)
      throws IOException, InterruptedException {
    PodContainer fetch = pod.start(fetching);
    var ended = fetch.awaitExit(TestPods.SOON);
    assertThat(ended.getExitCode()).as(fetch.log().toString()).isZero();
    fetch.awaitLog(TestPods.SOON, log -> log.out().equals(answer));
  }

  static void assertFails(Pod pod, ContainerConfig.Builder fetching, String reason)
      throws IOException, InterruptedException {
    PodContainer fetch = pod.start(fetching);
    var ended = fetch.awaitExit(TestPods.SOON);
    assertThat(ended.getExitCode()).as(fetch.log().toString()).isEqualTo(1);
    var log = fetch.awaitLog(TestPods.SOON, each -> !each.lines().isEmpty());
    assertThat(log.err()).contains(reason);
  }

  @Override
  public void close() throws IOException {
    names.close();
    greeter.close();
  }
}
