package dev.krustlet.runtimeclass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The files of the repository, named from its root; tests run in the folder of their module.
final class Checkout {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private Checkout() {}

  static Path file(String name) {
    return ROOT.resolve(name);
  }

  static String text(String name) throws IOException {
    return Files.readString(file(name));
  }

  /// The names of the folders below `examples/` that hold a pod, in alphabetical order.
  static List<String> examples() throws IOException {
    try (var folders = Files.list(file("examples"))) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("pod.yaml")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }
}
