package dev.krustlet.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The launcher, called as containerd calls it: in the container's bundle, by the link on PATH that
/// an installation has, its answer being all that comes until both its outputs are closed.
final class Launcher {
  private static final String NAME = "containerd-shim-krustlet-v1";
  private static final String ADDRESS = "unix:///";

  private final Node node;
  private final Path link;
  private final Path bundle;

  private Launcher(Node node, Path link, Path bundle) {
    this.node = node;
    this.link = link;
    this.bundle = bundle;
  }

  static Launcher on(Node node) throws IOException {
    Path link = node.bed().path().resolve(NAME);
    if (!Files.exists(link)) {
      Files.createSymbolicLink(link, node.containerd().installation().krustlet().resolve(NAME));
    }
    Path bundle = Files.createTempDirectory(node.bed().path(), "b");
    Files.writeString(bundle.resolve("config.json"), "{}");
    return new Launcher(node, link, bundle);
  }

  /// Calls `start`.
  ///
  /// @return the path of the daemon's socket
  Path start() throws IOException, InterruptedException {
    String answer = call(words());
    if (!answer.startsWith(ADDRESS)) {
      throw new IOException("`%s start` answered: %s".formatted(NAME, answer));
    }
    return Path.of(answer.substring(ADDRESS.length() - 1));
  }

  /// Runs a program in the same way and to no end.
  void startNothing() throws IOException, InterruptedException {
    call(List.of("/bin/true"));
  }

  private List<String> words() {
    return List.of(
        link.toString(),
        "-namespace",
        node.containerd().namespace(),
        "-address",
        node.containerd().socket().toString(),
        "-publish-binary",
        node.containerd().installation().containerd().resolve("containerd").toString(),
        "-id",
        "bench",
        "start");
  }

  private String call(List<String> words) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(words).directory(bundle.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(node.containerd().environment());
    Process process = builder.start();
    process.getOutputStream().close();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return answer;
  }
}
