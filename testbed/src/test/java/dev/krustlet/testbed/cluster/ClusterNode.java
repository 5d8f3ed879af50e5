package dev.krustlet.testbed.cluster;

import dev.krustlet.testbed.Finished;
import dev.krustlet.testbed.ImageArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// The node that `scripts/cluster.sh up` made, as its administrator sees it.
///
/// @param path its directory, which has every file of it
record ClusterNode(Path path) {
  private static final Duration SOON = Duration.ofSeconds(60);

  static ClusterNode ofRun() {
    String path = Objects.requireNonNull(System.getProperty("krustlet.cluster"), "no cluster");
    return new ClusterNode(Path.of(path).toAbsolutePath());
  }

  /// The same command in the node's network and mounts.
  List<String> inside(List<String> command) throws IOException {
    Path checkout = path.resolve("../../..").normalize();
    var words =
        Stream.of("nsenter", "--target", holder(), "--mount", "--net", "--", "env", "-C", checkout);
    return Stream.concat(words.map(Object::toString), command.stream()).toList();
  }

  private String holder() throws IOException {
    return Files.readString(path.resolve("holder.pid")).strip();
  }

  Map<String, String> environment() {
    return Map.of(
        "PATH", path.resolve("bin") + ":/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME", path.toString(),
        "KUBECONFIG", path.resolve("admin.conf").toString());
  }

  /// Runs a program in the node's network and mounts to its end.
  Finished run(String... command) throws IOException, InterruptedException {
    return new Kubectl(this, "default").run(SOON, List.of(command));
  }

  Finished ctr(String... arguments) throws IOException, InterruptedException {
    var words = Stream.of("ctr", "--address", path + "/c.sock", "--namespace", "k8s.io");
    return run(Stream.concat(words, Stream.of(arguments)).toArray(String[]::new));
  }

  /// Restarts a program of the node, `containerd` or `kubelet`, as its administrator does.
  void restart(String program) throws IOException, InterruptedException {
    Path script = path.resolve("../../../scripts/cluster.sh").normalize();
    var words = List.of(script.toString(), "restart", program);
    Finished done = Kubectl.finish(words, System.getenv(), SOON);
    if (done.status() != 0) {
      throw new IOException("%s: %s%s".formatted(words, done.out(), done.err()));
    }
  }

  void load(ImageArchive image) throws IOException, InterruptedException {
    Path archive = Files.createTempFile(path, "image", ".tar");
    Files.write(archive, image.build());
    Finished imported = ctr("images", "import", archive.toString());
    Files.delete(archive);
    if (imported.status() != 0) {
      throw new IOException("import of " + image.name() + ": " + imported.err());
    }
  }

  /// The containers and sandboxes that containerd has bundles of.
  List<String> bundles() throws IOException {
    Path tasks = path.resolve("run/io.containerd.runtime.v2.task/k8s.io");
    if (Files.notExists(tasks)) {
      return List.of();
    }
    try (Stream<Path> bundles = Files.list(tasks)) {
      return bundles.map(each -> each.getFileName().toString()).toList();
    }
  }

  /// What is mounted below the node's directory for pods: roots, volumes, network namespaces.
  List<String> mounts() throws IOException {
    String table = Files.readString(Path.of("/proc", holder(), "mountinfo"));
    return table.lines().map(line -> line.split(" ", -1)[4]).filter(this::isOfPods).toList();
  }

  private boolean isOfPods(String place) {
    return place.startsWith(path + "/run/") || place.startsWith(path + "/kubelet/pods/");
  }

  /// The processes of the cluster that a word of their command line belongs to.
  List<Long> processes(String word) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      return all.map(each -> each.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .filter(pid -> isOurs(Path.of("/proc", pid), word))
          .map(Long::parseLong)
          .toList();
    }
  }

  private boolean isOurs(Path process, String word) {
    try {
      var bytes = Files.readAllBytes(process.resolve("cmdline"));
      String line = new String(bytes, StandardCharsets.UTF_8);
      Path network = Files.readSymbolicLink(process.resolve("ns/net"));
      return line.contains(word)
          && network.equals(Files.readSymbolicLink(Path.of("/proc", holder(), "ns/net")));
    } catch (IOException _) {
      return false; // it has ended, or is a thread of the kernel
    }
  }
}
