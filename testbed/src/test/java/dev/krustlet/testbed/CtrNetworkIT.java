package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Networks of containers that no pod has: `ctr run --cni`, and hooks as nerdctl has them. All of
/// it is in a network apart, so that what goes wrong hurts no node.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class CtrNetworkIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String BRIDGE = "cnt0";

  /// A native server, for a shell.
  private static final String NATIVE =
      "echo hello >/tmp/index.html; exec busybox httpd -f -p 8080 -h /tmp";

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static ApartNetwork network;

  @SuppressWarnings("NullAway.Init")
  private static TestNode node;

  CtrNetworkIT(Installation installation) {
    assertThat(node.containerd().installation()).isEqualTo(network.apart(installation));
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    Bed bed = Bed.make();
    network = ApartNetwork.make(bed, installation);
    try {
      node = new TestNode(PrivateContainerd.start(bed, network.apart(installation), Map.of()));
      Guests.importInto(node.containerd(), installation);
      cni(bed);
    } catch (IOException | InterruptedException e) {
      network.close();
      throw e;
    }
  }

  /// From here on ctr finds a bridge to put its containers at. Where it looks for CNI's files
  /// cannot be told, so it looks in a mount namespace of its own.
  private static void cni(Bed bed) throws IOException {
    Files.createDirectory(bed.path().resolve("etc"));
    Files.createDirectory(bed.path().resolve("lib"));
    Files.writeString(
        bed.path().resolve("10-bridge.conflist"),
        """
        {"cniVersion":"0.4.0","name":"apart","plugins":[
         {"type":"bridge","bridge":"%s","isGateway":true,"ipMasq":false,
          "ipam":{"type":"host-local","dataDir":"%s","ranges":[[{"subnet":"10.99.0.0/24"}]]}}]}
        """
            .formatted(BRIDGE, bed.path().resolve("ipam")));
    Path ctr = network.programs().resolve("ctr");
    String original = Files.readString(ctr).lines().toList().getLast().replace(" \"$@\"", "");
    Files.writeString(
        ctr,
        """
        #!/bin/sh
        exec unshare --mount sh -c '
          mount -t tmpfs none %1$s/etc && mkdir %1$s/etc/upper %1$s/etc/work &&
          mount -t overlay -o lowerdir=/etc,upperdir=%1$s/etc/upper,workdir=%1$s/etc/work none /etc &&
          mount -t tmpfs none /opt && mkdir -p /etc/cni/net.d /opt/cni && ln -s %2$s /opt/cni/bin &&
          cp %1$s/10-bridge.conflist /etc/cni/net.d && mount --bind %1$s/lib /var/lib &&
          exec %3$s "$@"' ctr "$@"
        """
            .formatted(bed.path(), CniNetwork.PLUGINS, original.replaceFirst("^exec ", "")));
    Files.setPosixFilePermissions(ctr, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void noContainerIsLeft() throws IOException, InterruptedException {
    node.assertNoContainerIsLeft();
    Await.until(
        "the end of the containers' interfaces",
        SOON,
        () -> network.links().stream().noneMatch(link -> link.startsWith("veth")));
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    try {
      node.close();
    } finally {
      network.close();
    }
  }

  private static List<String> run(List<String> flags, List<String> more) {
    var words = new ArrayList<>(List.of("run", "--runtime", PrivateContainerd.RUNTIME));
    words.addAll(List.of("--fifo-dir", node.bed().fifos().toString()));
    words.addAll(flags);
    words.addAll(more);
    return words;
  }

  private static Finished succeed(List<String> words) throws IOException, InterruptedException {
    return node.succeed(words.toArray(String[]::new));
  }

  /// The address that a container was given, by the plugin's note.
  private static String addressOf(String id) throws IOException {
    try (var files = Files.list(node.bed().path().resolve("ipam/apart"))) {
      for (Path file : files.toList()) {
        if (Files.readString(file).contains("-" + id + "\r")) {
          return file.getFileName().toString();
        }
      }
    }
    throw new IOException("no address was given to " + id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/web.wasm", NATIVE})
  void aContainersInterfaceIsInItsOwnNetworkAndNotInTheNodes(String command)
      throws IOException, InterruptedException {
    String id = command.equals(NATIVE) ? "native" : "wasm";
    var more = new ArrayList<>(List.of(Guests.IMAGE, id));
    more.addAll(command.equals(NATIVE) ? List.of("/bin/sh", "-c", NATIVE) : List.of(command));
    succeed(run(List.of("--detach", "--cni"), more));
    assertThat(network.links()).contains(BRIDGE).doesNotContain("eth0");
    assertThat(network.run("ip", "route")).doesNotContain("default");

    String url = "http://%s:8080/".formatted(addressOf(id));
    Await.until(
        "an answer of " + url,
        SOON,
        () ->
            network
                .run("sh", "-c", "curl -s --max-time 2 %s || true".formatted(url))
                .contains("hello"));
    Finished fetched =
        succeed(
            run(
                List.of("--rm", "--cni"),
                List.of(Guests.IMAGE, "fetch-" + id, "/fetch.wasm", "--timeout", "10", url)));
    assertThat(fetched.out()).startsWith("200\nhello");
    node.delete(id);
  }

  /// A spec with the hooks that nerdctl gives every container: the first makes an interface.
  ///
  /// @return what its hooks write to
  private static Path runHooked() throws IOException, InterruptedException {
    Path seen = node.bed().path().resolve("seen");
    Files.deleteIfExists(seen);
    Path hook = node.bed().path().resolve("hook");
    Files.writeString(
        hook,
        """
        #!/bin/sh
        state=$(cat)
        pid=$(echo "$state" | sed -n 's/.*"pid":\\([0-9]*\\).*/\\1/p')
        echo "$1 $(echo "$state" | sed 's/.*"status":"\\([a-z]*\\)".*/\\1/')" >>%s
        case $1 in
        createRuntime)
          exec nsenter --net=/run/netns/%s ip link add hk0 type veth peer name eth0 netns "$pid"
          ;;
        esac
        """
            .formatted(seen, network.name()));
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path bundle = Files.createDirectories(node.bed().path().resolve("hooked"));
    Path image = Files.createDirectories(bundle.resolve("image"));
    Files.copy(
        node.containerd().installation().example("counter"),
        image.resolve("counter.wasm"),
        StandardCopyOption.REPLACE_EXISTING);
    Path spec = bundle.resolve("config.json");
    Files.writeString(
        spec,
        """
        {"ociVersion":"1.0.2","root":{"path":"%1$s"},
         "process":{"args":["/counter.wasm"],"cwd":"/","user":{"uid":0,"gid":0}},
         "linux":{"namespaces":[{"type":"network"}]},
         "hooks":{"createRuntime":[{"path":"%2$s","args":["nerdctl","createRuntime"],"env":["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}],
                  "poststop":[{"path":"%2$s","args":["nerdctl","poststop"]}]}}
        """
            .formatted(image, hook));
    succeed(run(List.of("--detach", "--config", spec.toString()), List.of("hooked")));
    assertThat(network.links()).contains("hk0").doesNotContain("eth0");
    return seen;
  }

  @Test
  void hooksSetUpTheNetworkOfAGuestAndTakeItDown() throws IOException, InterruptedException {
    Path seen = runHooked();
    node.delete("hooked");
    Await.until("the end of hk0", SOON, () -> !network.links().contains("hk0"));
    assertThat(seen).content().isEqualTo("createRuntime creating\npoststop stopped\n");
  }

  @Test
  void aKilledDaemonLeavesNothingOfThemAndTheLastHookRuns()
      throws IOException, InterruptedException {
    Path seen = runHooked();
    node.killProgram(Programs.DAEMON);
    node.containerd().awaitIdle();
    node.bed().removeFifos(); // ctr's, which were to go with the task
    Await.until("containerd's cleanup", SOON, () -> node.bed().traces().isEmpty());
    Await.until("the end of hk0", SOON, () -> !network.links().contains("hk0"));
    Await.until("the hook", SOON, () -> Files.readString(seen).endsWith("poststop stopped\n"));
    node.succeed("containers", "delete", "hooked");
  }
}
