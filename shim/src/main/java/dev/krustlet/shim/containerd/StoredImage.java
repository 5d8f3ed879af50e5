package dev.krustlet.shim.containerd;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.WasmLayer;
import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.oci.ImageConfig;
import dev.krustlet.shim.oci.ImageManifest;
import dev.krustlet.shim.oci.SpecException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// An image in containerd's store, whether or not a container is made of it.
///
/// @param manifest for this machine
/// @param config what it says about the process
public record StoredImage(
    ImageStore store, String name, ImageManifest manifest, ImageConfig config) {
  /// For one layer and all that is done with it on the way, however large it is.
  private static final Duration LAYER = Duration.ofMinutes(10);

  /// Finds an image by its name; empty if containerd has none.
  public static Optional<StoredImage> find(ImageStore store, String name)
      throws TaskException, IOException, InterruptedException {
    try (var connection = Connection.to(store.socket(), store.namespace())) {
      Optional<String> target = ImageStore.target(connection, name);
      if (target.isEmpty()) {
        return Optional.empty();
      }
      var content = new Content(connection);
      ImageManifest manifest = ImageStore.manifest(content, target.get(), name);
      return Optional.of(new StoredImage(store, name, manifest, config(content, manifest, name)));
    }
  }

  private static ImageConfig config(Content content, ImageManifest manifest, String name)
      throws TaskException, IOException, InterruptedException {
    String digest = manifest.configuration().map(Descriptor::digest).orElse("");
    String document = "configuration %s of image %s".formatted(digest, name);
    try {
      return ImageConfig.parse(document, content.document(digest, document));
    } catch (SpecException e) {
      throw new TaskException(Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  /// Those layers that are a module as they are.
  public List<WasmLayer> wasmLayers() throws TaskException {
    for (Descriptor each : manifest.wasmLayers()) {
      LayerChoice.checkDigest(name, each);
    }
    return manifest.wasmLayers().stream()
        .<WasmLayer>map(each -> new ImageLayer(store, name, each))
        .toList();
  }

  /// Opens a layer. Nobody has checked then that the bytes are what the manifest says.
  public InputStream open(Descriptor layer) {
    var connection = Connection.to(store.socket(), store.namespace(), LAYER);
    return new BlobStream(connection, layer.digest(), name);
  }
}
