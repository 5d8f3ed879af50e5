package dev.krustlet.shim.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The manifest of an image, or the index of one that has several.
///
/// @param layers of a manifest
/// @param manifests of an index
public record ImageManifest(List<Descriptor> layers, List<Descriptor> manifests) {
  public ImageManifest(@Nullable List<Descriptor> layers, @Nullable List<Descriptor> manifests) {
    this.layers = Absent.list(layers);
    this.manifests = Absent.list(manifests);
  }

  /// @param document what to call it in messages
  public static ImageManifest parse(String document, String json) throws SpecException {
    return Bundle.parse(document, json, ImageManifest.class);
  }

  public boolean isIndex() {
    return !manifests.isEmpty();
  }

  /// The layers that are a module or component as it is.
  public List<Descriptor> wasmLayers() {
    return layers.stream().filter(each -> MediaTypes.isWasmLayer(each.mediaType())).toList();
  }
}
