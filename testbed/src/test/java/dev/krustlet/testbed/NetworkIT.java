package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.testbed.pods.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Guests of several pods that reach each other, and the node's servers, by the names that their
/// containers' files and the cluster's name server have.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class NetworkIT {
  private static final String ZONE = Cluster.ZONE;

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  private Cluster cluster;

  NetworkIT(Installation installation) {
    assertThat(pods.kubelet().containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    pods = TestPods.start(installation);
  }

  @AfterParameterizedClassInvocation
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
  void aServiceIsReachedByItsShortName() throws IOException, InterruptedException {
    cluster.runWeb(Map.of());
    Pod pod = cluster.run("client", Map.of());
    int port = cluster.greeter().port();

    Cluster.assertFetches(pod, Cluster.fetching("http://web:8080/"), "200\nhello, world\n");
    Cluster.assertFetches(pod, Cluster.fetching("tcp://greeter:" + port), Greeter.GREETING);

    assertThat(cluster.names().asked())
        .contains("web" + ZONE, "greeter" + ZONE)
        .doesNotContain("web", "greeter");
  }

  @Test
  void whatANameMeansIsInTheContainersFilesAndNotInTheNodes()
      throws IOException, InterruptedException {
    Pod pod = cluster.run("client", Map.of());
    int port = cluster.greeter().port();
    Cluster.assertFetches(pod, withHosts(Cluster.fetching("tcp://own:" + port)), Greeter.GREETING);
    assertThat(cluster.names().asked()).isEmpty();

    Optional<String> node = nameOfTheNodeAlone();
    assumeTrue(node.isPresent(), "the node's /etc/hosts names the loopback alone");
    String name = node.get();
    String url = "http://%s:%d/".formatted(name, port);
    Cluster.assertFails(pod, withHosts(Cluster.fetching(url)), "DnsError");
    assertThat(cluster.names().asked()).contains(name, name + ZONE);
  }

  /// A container with the file that the kubelet writes for each.
  private ContainerConfig.Builder withHosts(ContainerConfig.Builder container) throws IOException {
    Path file = pods.volume("hosts").resolve("hosts");
    Files.writeString(file, "127.0.0.1 localhost\n%s own\n".formatted(cluster.gateway()));
    return container.addMounts(TestPods.mount(file, "/etc/hosts", true));
  }

  private static Optional<String> nameOfTheNodeAlone() throws IOException {
    return Files.readAllLines(Path.of("/etc/hosts")).stream()
        .map(line -> line.replaceFirst("#.*", "").strip())
        .flatMap(line -> Stream.of(line.split("\\s+", -1)).skip(1))
        .filter(name -> name.matches("[a-z0-9-]+") && !name.matches("localhost|ip6-.*"))
        .findFirst();
  }

  @Test
  void aServerIsBelievedForTheAuthorityThatTheContainerNames()
      throws IOException, InterruptedException, GeneralSecurityException {
    try (var server =
        SecureServer.start(pods.bed().outputs(), cluster.gateway(), "secure" + ZONE)) {
      Path volume = pods.volume("authorities");
      Files.writeString(volume.resolve("ca.crt"), server.authority());
      cluster.names().tell("secure" + ZONE, cluster.gateway());
      cluster.names().tell("other" + ZONE, cluster.gateway());
      Pod pod = cluster.run("client", Map.of());
      String secure = "https://secure%s:%d/".formatted(ZONE, server.port());
      String other = "https://other%s:%d/".formatted(ZONE, server.port());

      Cluster.assertFetches(pod, believing(volume, secure), "200\n" + SecureServer.CONTENT);
      Cluster.assertFails(pod, believing(volume, other), "ErrorCode::Tls");
      Cluster.assertFails(pod, Cluster.fetching(secure), "ErrorCode::Tls");
    }
  }

  private static ContainerConfig.Builder believing(Path volume, String url) {
    return Cluster.fetching(url)
        .addMounts(TestPods.mount(volume, "/authorities", true))
        .addEnvs(Services.variable("SSL_CERT_FILE", "/authorities/ca.crt"));
  }
}
