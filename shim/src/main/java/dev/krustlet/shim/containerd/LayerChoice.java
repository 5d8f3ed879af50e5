package dev.krustlet.shim.containerd;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Descriptor;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Which of an image's wasm layers a command means: the only one, or the one with its name.
final class LayerChoice {
  private LayerChoice() {}

  /// @param program what the command names, a path or only a name
  /// @throws TaskException if there are several and not one of that name, or its digest is of a
  ///   kind that we do not check
  static Optional<Descriptor> choose(String image, List<Descriptor> layers, String program)
      throws TaskException {
    String name = program.substring(program.lastIndexOf('/') + 1);
    List<Descriptor> meant =
        layers.size() < 2
            ? layers
            : layers.stream()
                .filter(each -> each.title().map(t -> fileName(t).equals(name)).orElse(false))
                .toList();
    if (meant.isEmpty() && layers.isEmpty()) {
      return Optional.empty();
    }
    if (meant.size() != 1) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "image %s has %d wasm layers and `%s` names %s of them: %s"
              .formatted(
                  image,
                  layers.size(),
                  program,
                  meant.isEmpty() ? "none" : "several",
                  names(layers)));
    }
    checkDigest(image, meant.getFirst());
    return Optional.of(meant.getFirst());
  }

  /// @throws TaskException if the digest is of a kind that we do not check
  static void checkDigest(String image, Descriptor layer) throws TaskException {
    if (layer.sha256().isEmpty()) {
      throw new TaskException(
          Code.UNIMPLEMENTED,
          "layer %s of image %s: its digest is no SHA-256".formatted(layer.digest(), image));
    }
  }

  private static String names(List<Descriptor> layers) {
    return layers.stream()
        .map(each -> each.title().orElse(each.digest()))
        .collect(Collectors.joining(", "));
  }

  private static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
