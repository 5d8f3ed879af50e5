package dev.krustlet.shim.containerd;

import dev.krustlet.proto.services.containers.GetContainerRequest;
import dev.krustlet.proto.services.containers.GetContainerResponse;
import dev.krustlet.proto.services.images.GetImageRequest;
import dev.krustlet.proto.services.images.GetImageResponse;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.WasmLayer;
import dev.krustlet.shim.engine.WasmLayers;
import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.oci.ImageManifest;
import dev.krustlet.shim.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The images of a containerd, with the wasm in them.
///
/// @param socket of its gRPC services
public record ImageStore(Path socket, String namespace) implements WasmLayers {
  @Override
  public Optional<WasmLayer> find(String container, String program)
      throws TaskException, IOException, InterruptedException {
    if (!Files.exists(socket)) {
      return Optional.empty(); // nobody to ask, and no reason to load what would ask
    }
    try (var connection = Connection.to(socket, namespace)) {
      var request = GetContainerRequest.newBuilder().setId(container).build();
      Optional<String> image =
          connection
              .ask(Call.CONTAINER, request)
              .map(GetContainerResponse::getContainer)
              .map(found -> found.getImage())
              .filter(name -> !name.isEmpty());
      return image.isEmpty()
          ? Optional.empty()
          : LayerChoice.choose(image.get(), wasmLayers(connection, image.get()), program)
              .map(layer -> layer(image.get(), layer));
    }
  }

  private WasmLayer layer(String image, Descriptor layer) {
    return new ImageLayer(this, image, layer);
  }

  private static List<Descriptor> wasmLayers(Connection connection, String image)
      throws TaskException, IOException, InterruptedException {
    Optional<String> target = target(connection, image);
    if (target.isEmpty()) {
      return List.of();
    }
    return manifest(new Content(connection), target.get(), image).wasmLayers();
  }

  /// The digest that an image's name stands for; empty if there is no such image.
  static Optional<String> target(Connection connection, String image)
      throws TaskException, InterruptedException {
    var request = GetImageRequest.newBuilder().setName(image).build();
    return connection
        .ask(Call.IMAGE, request)
        .map(GetImageResponse::getImage)
        .map(found -> found.getTarget().getDigest());
  }

  /// The manifest of an image, that of the fittest where there are several.
  static ImageManifest manifest(Content content, String digest, String image)
      throws TaskException, IOException, InterruptedException {
    ImageManifest manifest = content.manifest(digest, image);
    if (!manifest.isIndex()) {
      return manifest;
    }
    var fittest = manifest.manifests().stream().max(Comparator.comparingInt(ImageStore::fitness));
    return content.manifest(fittest.orElseThrow().digest(), image);
  }

  /// How well a manifest of an index fits. Where there is one for this machine, containerd has made
  /// the container's root of it, and nothing else is meant.
  private static int fitness(Descriptor manifest) {
    String architecture = manifest.platform().architecture();
    if (architecture.equals(Platform.NODE.architecture())) {
      return 2;
    }
    return architecture.equals("wasm") ? 1 : 0;
  }
}
