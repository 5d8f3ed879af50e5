package dev.krustlet.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The network of the pods of one bed: a bridge named like it, and a CNI configuration that gives
/// each pod an address there. The node reaches its pods and they reach each other; nothing leads
/// further, and no rule or setting of the machine is touched.
public final class CniNetwork implements AutoCloseable {
  /// Where Debian's containernetworking-plugins puts them.
  public static final Path PLUGINS = Path.of("/usr/lib/cni");

  private static final Path RESULTS = Path.of("/var/lib/cni/results"); // of all who use CNI
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final Bed bed;
  private final Subnet subnet;

  private CniNetwork(Bed bed, Subnet subnet) {
    this.bed = bed;
    this.subnet = subnet;
  }

  static CniNetwork make(Bed bed) throws IOException, InterruptedException {
    var network = new CniNetwork(bed, Subnet.free());
    Files.createDirectory(network.configurations());
    Files.writeString(network.configurations().resolve("10-bridge.conflist"), network.toJson());
    // The bridge plugin would make it as well, and switch on the machine's IP forwarding with it.
    ip("link", "add", "name", network.bridge(), "type", "bridge");
    try {
      ip("address", "add", network.gateway() + "/24", "dev", network.bridge());
      ip("link", "set", network.bridge(), "up");
    } catch (IOException | InterruptedException e) {
      network.close();
      throw e;
    }
    return network;
  }

  /// For containerd's `conf_dir`.
  Path configurations() {
    return bed.path().resolve("cni");
  }

  /// The node's own address among its pods.
  public String gateway() {
    return subnet.address(1);
  }

  private String bridge() {
    return bed.name(); // of 10 bytes; an interface's may have 15
  }

  private Path leases() {
    return bed.path().resolve("ipam");
  }

  /// What pods leave if somebody forgets it: interfaces, addresses and CNI's notes.
  public List<String> traces() throws IOException {
    var found = new ArrayList<String>();
    found.addAll(names(Path.of("/sys/class/net", bridge(), "brif"), ""));
    found.addAll(names(leases().resolve(bed.name()), "10."));
    found.addAll(names(RESULTS, bed.name()));
    return found;
  }

  private static List<String> names(Path directory, String start) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(each -> each.getFileName().toString().startsWith(start))
          .map(Path::toString)
          .toList();
    }
  }

  /// Takes the bridge away.
  @Override
  public void close() throws IOException {
    if (Files.exists(Path.of("/sys/class/net", bridge()))) {
      Unwinding.shield(() -> {
        ip("link", "delete", bridge());
        return null;
      });
    }
  }

  private static void ip(String... arguments) throws IOException, InterruptedException {
    var words = Stream.concat(Stream.of("ip"), Stream.of(arguments)).toList();
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Duration patience = Await.patiently(DEADLINE);
    if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("`%s`: %s".formatted(String.join(" ", words), said));
    }
  }

  private String toJson() {
    return """
    {
      "cniVersion": "0.4.0",
      "name": "%1$s",
      "plugins": [
        {
          "type": "bridge",
          "bridge": "%1$s",
          "isGateway": false,
          "ipMasq": false,
          "ipam": {
            "type": "host-local",
            "dataDir": "%2$s",
            "ranges": [[{"subnet": "%3$s", "gateway": "%4$s"}]],
            "routes": [{"dst": "0.0.0.0/0"}]
          }
        }
      ]
    }
    """
        .formatted(bed.name(), leases(), subnet, gateway());
  }
}
