package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.Int64Value;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// What a service mesh injects into a pod: rules that send to a proxy what the pod connects to and
/// what connects to it, and the proxy, whose user alone they let pass.
///
/// @param proxy a native container whose log has a line of each connection that it was sent
record Mesh(PodContainer proxy) {
  /// The user of the proxy, as Istio has it.
  static final long USER = 1337;

  private static final Path IPTABLES = Path.of("/usr/sbin/iptables-nft");
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  /// The node's own programs, for the image has none of that kind.
  private static final List<String> PROGRAMS = List.of("/usr", "/lib", "/lib64");

  private static final String RULES =
      """
      nat="%s -t nat"
      mine="-m owner --uid-owner %d -j RETURN"
      $nat -A OUTPUT $mine &&
      $nat -A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports 15053 &&
      $nat -A OUTPUT -d 127.0.0.0/8 -j RETURN &&
      $nat -A OUTPUT -p tcp -j REDIRECT --to-ports 15001 &&
      $nat -A PREROUTING -p tcp -j REDIRECT --to-ports 15006
      """
          .formatted(IPTABLES, USER);

  static boolean canBeMade() {
    return Files.isExecutable(IPTABLES) && Files.isExecutable(PYTHON);
  }

  /// Runs its init container and its sidecar.
  static Mesh inject(TestPods pods, Pod pod) throws IOException, InterruptedException {
    var init = withPrograms(Pod.container("mesh-init", Guests.IMAGE, "/bin/sh", "-c", RULES));
    var security = init.getLinuxBuilder().getSecurityContextBuilder();
    security.getCapabilitiesBuilder().addAddCapabilities("NET_ADMIN");
    PodContainer made = pod.start(init);
    assertThat(made.awaitExit(TestPods.SOON).getExitCode()).as(made.log().toString()).isZero();
    Path volume = pods.volume("mesh");
    try (var script = Mesh.class.getResourceAsStream("mesh.py")) {
      Files.write(volume.resolve("mesh.py"), Objects.requireNonNull(script).readAllBytes());
    }
    var proxy = Pod.container("proxy", Guests.IMAGE, PYTHON.toString(), "/mesh/mesh.py");
    proxy.addMounts(TestPods.mount(volume, "/mesh", true));
    var mesh = new Mesh(pod.start(as(USER, withPrograms(proxy))));
    mesh.awaitLine("ready");
    return mesh;
  }

  private static ContainerConfig.Builder withPrograms(ContainerConfig.Builder container) {
    PROGRAMS.forEach(each -> container.addMounts(TestPods.mount(Path.of(each), each, true)));
    return container;
  }

  /// The container as one of that user.
  static ContainerConfig.Builder as(long user, ContainerConfig.Builder container) {
    var security = container.getLinuxBuilder().getSecurityContextBuilder();
    security.setRunAsUser(Int64Value.newBuilder().setValue(user));
    return container;
  }

  /// Waits until the proxy has been sent a connection.
  ///
  /// @param line `out` or `dns`, the user whose socket it was, and where it was going; or `in`, `-`
  ///   and where it was going
  void awaitLine(String line) throws IOException, InterruptedException {
    proxy.awaitLog(TestPods.SOON, log -> log.out().lines().anyMatch(line::equals));
  }

  String seen() throws IOException {
    return proxy.log().out();
  }
}
