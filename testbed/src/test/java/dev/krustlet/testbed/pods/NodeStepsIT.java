package dev.krustlet.testbed.pods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.ImageArchive;
import dev.krustlet.testbed.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The README's three steps on a node, followed to the letter. What Kubernetes does with the third
/// is done by hand: the RuntimeClass gives the handler, the pod's manifest its containers.
final class NodeStepsIT {
  private static final String PAUSE = "localhost/pause:1";

  /// What the machine that this runs on lacks, and where an image comes from that nobody can pull.
  private static String site(int version) {
    return switch (version) {
      case 2 ->
          """
          [plugins."io.containerd.grpc.v1.cri"]
            sandbox_image = "%s"
            disable_apparmor = true
            restrict_oom_score_adj = true
          """;
      default ->
          """
          [plugins."io.containerd.cri.v1.images".pinned_images]
            sandbox = "%s"
          [plugins."io.containerd.cri.v1.runtime"]
            disable_apparmor = true
            restrict_oom_score_adj = true
          """;
    };
  }

  @ParameterizedTest
  @MethodSource("dev.krustlet.testbed.Installation#ofBuildAndLegacy")
  void aNodeSetUpByTheReadmeRunsTheMixedPod(Installation installation)
      throws IOException, InterruptedException {
    var steps = ReadmeSteps.read(installation.root());
    int version = installation.configVersion();
    String config = steps.config(version) + site(version).formatted(PAUSE);
    try (var node = FreshNode.start(installation, steps.unpack(), config)) {
      node.load(Pause.image(PAUSE));
      List<Path> manifests = steps.applied().stream().map(node::inside).toList();
      assertThat(manifests).hasSize(2);
      String handler = Yaml.read(manifests.getFirst()).at("handler").text();
      runMixed(node, handler, PodManifest.of(Yaml.read(manifests.getLast())), installation);
    }
  }

  private static void runMixed(
      FreshNode node, String handler, PodManifest manifest, Installation installation)
      throws IOException, InterruptedException {
    assertThat(manifest.runtimeClass()).isEqualTo("krustlet");
    node.load(
        new ImageArchive(manifest.image("counter"))
            .file("counter.wasm", 0644, Files.readAllBytes(installation.example("counter")))
            .entrypoint("/counter.wasm"));
    node.load(busybox(manifest.image("sidecar")));
    Path volumes = node.directory("volumes");
    Files.createDirectory(volumes.resolve("shared"));
    Files.setPosixFilePermissions(
        volumes.resolve("shared"), PosixFilePermissions.fromString("rwxrwxrwx"));
    Pod pod = node.run("mixed", handler);
    pod.start(manifest.container("counter", volumes));
    PodContainer sidecar = pod.start(manifest.container("sidecar", volumes));
    sidecar.awaitLog(FreshNode.SOON, log -> log.out().startsWith("1\n2\n3\n"));
    pod.stop();
    pod.remove();
  }

  private static ImageArchive busybox(String name) throws IOException {
    var image =
        new ImageArchive(name)
            .directory("bin", 0755)
            .file("bin/busybox", 0755, Files.readAllBytes(Path.of("/usr/bin/busybox")));
    for (String applet : List.of("sh", "touch", "tail")) {
      image.link("bin/" + applet, "busybox");
    }
    return image;
  }
}
