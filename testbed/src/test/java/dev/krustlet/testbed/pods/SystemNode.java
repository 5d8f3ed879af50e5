package dev.krustlet.testbed.pods;

import dev.krustlet.proto.cri.v1.PodSandboxConfig;
import dev.krustlet.proto.cri.v1.RunPodSandboxRequest;
import dev.krustlet.proto.cri.v1.RuntimeCondition;
import dev.krustlet.proto.cri.v1.StatusRequest;
import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.Command;
import dev.krustlet.testbed.Finished;
import dev.krustlet.testbed.ImageArchive;
import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.cri.CriClient;
import dev.krustlet.testbed.cri.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The containerd of the system that we run on, which is ours alone and knows our runtime.
///
/// @param outputs where programs write
record SystemNode(CriClient cri, Path outputs) implements AutoCloseable {
  static final String IMAGE = "localhost/guests:1";
  static final Duration SOON = Duration.ofSeconds(30);

  /// As a kubelet with the systemd driver calls the cgroup of its pods.
  static final String CGROUP = "/krt.slice/krt-node.slice";

  private static final Path SOCKET = Path.of("/run/containerd/containerd.sock");

  /// Waits until it is ready for pods.
  static SystemNode open() throws IOException, InterruptedException {
    var node = new SystemNode(CriClient.of(SOCKET), Files.createTempDirectory("node"));
    Await.until("the system's containerd", SOON, node::isReady);
    return node;
  }

  private boolean isReady() {
    try {
      var answer = cri.call(CriCalls.STATUS, StatusRequest.getDefaultInstance());
      return answer.getStatus().getConditionsList().stream().allMatch(RuntimeCondition::getStatus);
    } catch (CriException _) {
      return false; // it may have just begun
    }
  }

  /// Brings the images for pods and for `ctr run`.
  void loadImages() throws IOException, InterruptedException {
    Installation installation = Installation.ofBuild().getFirst();
    var guests =
        new ImageArchive(IMAGE)
            .directory("bin", 0755)
            .file("hello.wasm", 0644, Files.readAllBytes(installation.example("hello")))
            .file("counter.wasm", 0644, Files.readAllBytes(installation.example("counter")))
            .file("bin/busybox", 0755, Files.readAllBytes(Path.of("/usr/bin/busybox")))
            .link("bin/sh", "busybox")
            .link("bin/sleep", "busybox");
    load("k8s.io", Pause.image("localhost/pause:1"));
    load("k8s.io", guests);
    load("default", guests);
  }

  private void load(String namespace, ImageArchive image) throws IOException, InterruptedException {
    Path archive = Files.createTempFile(outputs, "image", ".tar");
    Files.write(archive, image.build());
    ctr("--namespace", namespace, "images", "import", archive.toString());
  }

  /// Runs ctr, which has to succeed, and returns its output.
  String ctr(String... arguments) throws IOException, InterruptedException {
    var words = Stream.concat(Stream.of("ctr"), Arrays.stream(arguments)).toList();
    try (var command = Command.start(words, Map.of("PATH", "/usr/sbin:/usr/bin"), outputs)) {
      Finished finished = command.await(SOON);
      if (finished.status() != 0) {
        throw new IOException("`%s`: %s".formatted(String.join(" ", words), finished.err()));
      }
      return finished.out();
    }
  }

  Pod run(String name) throws IOException {
    Path logs = Files.createDirectories(outputs.resolve(name));
    var config = PodSandboxConfig.newBuilder().setHostname(name).setLogDirectory(logs.toString());
    config.getMetadataBuilder().setName(name).setUid(name).setNamespace("default");
    config.getLinuxBuilder().setCgroupParent(CGROUP);
    var question =
        RunPodSandboxRequest.newBuilder().setConfig(config).setRuntimeHandler("krustlet").build();
    String id = cri.call(CriCalls.RUN_POD_SANDBOX, question).getPodSandboxId();
    return new Pod(cri, config.build(), id);
  }

  /// A container of each kind that goes on until it is told to end.
  static List<PodContainer> startBothKinds(Pod pod) throws CriException {
    String shell = "trap 'exit 0' TERM; while :; do echo tick; sleep 1; done";
    return List.of(
        pod.start("wasm", IMAGE, "/counter.wasm", "--interval", "1000"),
        pod.start("native", IMAGE, "/bin/sh", "-c", shell));
  }

  @Override
  public void close() {
    cri.close();
  }
}
