package dev.krustlet.testbed.pods;

import dev.krustlet.proto.cri.v1.NamespaceMode;
import dev.krustlet.proto.cri.v1.PodSandboxConfig;
import dev.krustlet.proto.cri.v1.RunPodSandboxRequest;
import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.Bed;
import dev.krustlet.testbed.Command;
import dev.krustlet.testbed.Finished;
import dev.krustlet.testbed.ImageArchive;
import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.cri.CriClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// A node that was set up by the README's steps alone: usual paths, usual configuration, in a mount
/// and process namespace of its own.
final class FreshNode implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(60);

  private static final Path SOCKET = Path.of("/run/containerd/containerd.sock");

  private final Bed bed;
  private final Command unshare;
  private final long containerd;
  private final CriClient cri;

  private FreshNode(Bed bed, Command unshare, long containerd) {
    this.bed = bed;
    this.unshare = unshare;
    this.containerd = containerd;
    this.cri = CriClient.of(inside(SOCKET));
  }

  /// Follows the first and the second step, and starts containerd.
  ///
  /// @param config for containerd
  static FreshNode start(Installation installation, String unpack, String config)
      throws IOException, InterruptedException {
    Bed bed = Bed.make();
    Path home = Files.createDirectory(bed.path().resolve("home"));
    Path archive = archive(installation.root().resolve("target"));
    Files.createLink(home.resolve(archive.getFileName()), archive);
    Files.writeString(home.resolve("step1.sh"), unpack);
    Files.writeString(home.resolve("config.toml"), config);
    Path script = home.resolve("fresh-node.sh");
    try (InputStream source = FreshNode.class.getResourceAsStream("fresh-node.sh")) {
      Files.copy(Objects.requireNonNull(source), script);
    }
    var words = new ArrayList<>(List.of("unshare", "--mount", "--pid", "--fork", "--kill-child"));
    words.addAll(List.of("--propagation", "private", "bash", script.toString()));
    words.addAll(List.of(bed.path().toString(), installation.containerd().toString()));
    var unshare =
        Command.start(
            words,
            Map.of(
                "PATH",
                "/usr/sbin:/usr/bin:/sbin:/bin",
                "JAVA_HOME",
                System.getProperty("java.home", "")),
            bed.outputs());
    return new FreshNode(bed, unshare, awaitContainerd(bed, unshare));
  }

  private static Path archive(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches("krustlet-.*\\.tar\\.gz"))
          .findFirst()
          .orElseThrow();
    }
  }

  /// The one child of `unshare`, once it has become containerd and listens.
  private static long awaitContainerd(Bed bed, Command unshare)
      throws IOException, InterruptedException {
    Await.until(
        "containerd, see " + bed.outputs(),
        SOON,
        () ->
            unshare
                .process()
                .children()
                .anyMatch(child -> Files.exists(inside(child.pid(), SOCKET))));
    return unshare.process().children().findFirst().orElseThrow().pid();
  }

  /// A path of the node as this process reaches it.
  Path inside(Path path) {
    return inside(containerd, path);
  }

  private static Path inside(long process, Path path) {
    return Path.of("/proc/%d/root%s".formatted(process, path));
  }

  void load(ImageArchive image) throws IOException, InterruptedException {
    Files.write(bed.path().resolve("image.tar"), image.build());
    var words = new ArrayList<>(List.of("nsenter", "--target", Long.toString(containerd)));
    words.addAll(List.of("--mount", "--pid", "ctr", "--namespace", "k8s.io"));
    words.addAll(List.of("images", "import", bed.path().resolve("image.tar").toString()));
    try (var ctr = Command.start(words, Map.of("PATH", "/usr/bin:/bin"), bed.outputs())) {
      Finished imported = ctr.await(SOON);
      if (imported.status() != 0) {
        throw new IOException("ctr images import: " + imported.err());
      }
    }
  }

  /// Runs a pod in the node's own network, for which nobody has to configure one.
  Pod run(String name, String handler) throws IOException {
    var config =
        PodSandboxConfig.newBuilder()
            .setLogDirectory(Files.createDirectories(bed.path().resolve(name)).toString());
    config.getMetadataBuilder().setName(name).setUid(name).setNamespace("default");
    config
        .getLinuxBuilder()
        .setCgroupParent("/" + bed.name())
        .getSecurityContextBuilder()
        .getNamespaceOptionsBuilder()
        .setNetwork(NamespaceMode.NODE);
    var question =
        RunPodSandboxRequest.newBuilder().setConfig(config).setRuntimeHandler(handler).build();
    String id = cri.call(CriCalls.RUN_POD_SANDBOX, question).getPodSandboxId();
    return new Pod(cri, config.build(), id);
  }

  Path directory(String name) throws IOException {
    return Files.createDirectories(bed.path().resolve(name));
  }

  /// Ends everything in the node, by the end of its first process.
  @Override
  public void close() throws IOException {
    cri.close();
    ProcessHandle.of(containerd).ifPresent(ProcessHandle::destroyForcibly);
    try {
      unshare.await(SOON);
      Await.until("the end of the node's processes", SOON, () -> bed.processes().isEmpty());
      bed.remove();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a node was removed", e);
    }
  }
}
