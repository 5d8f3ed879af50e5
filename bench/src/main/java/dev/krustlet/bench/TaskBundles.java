package dev.krustlet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/// Lays bundles of hello, with the very spec that containerd writes for it.
final class TaskBundles {
  private static final String TEMPLATE = "template";

  private final Path parent;
  private final String config;
  private final Path image;

  private TaskBundles(Path parent, String config, Path image) {
    this.parent = parent;
    this.config = config;
    this.image = image;
  }

  /// Runs hello once, so it is compiled.
  static TaskBundles on(Node node) throws IOException, InterruptedException {
    node.run("--detach", Way.KRUSTLET_WASM, Way.KRUSTLET_WASM.brief(), TEMPLATE);
    String config = Files.readString(node.bundle(TEMPLATE).resolve("config.json"));
    Path parent = Files.createTempDirectory(node.bed().path(), "t");
    Path image = Files.createDirectory(parent.resolve("image"));
    Path module = node.containerd().installation().example("hello");
    Files.copy(module, image.resolve(Image.HELLO.substring(1)));
    node.delete(List.of(TEMPLATE));
    return new TaskBundles(parent, config, image);
  }

  /// So many, ready for Create.
  Queue<TaskBundle> lay(String prefix, int count) throws IOException, InterruptedException {
    var laid = new ArrayDeque<TaskBundle>();
    for (int i = 0; i < count; i++) {
      laid.add(TaskBundle.lay(parent, prefix + i, config, image));
    }
    return laid;
  }
}
