package dev.krustlet.shim.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The manifest of an image, or the index of one that has several.
///
/// @param mediaType its own, if it says so
/// @param config of a manifest
/// @param layers of a manifest
/// @param manifests of an index
public record ImageManifest(
    String mediaType,
    @Nullable Descriptor config,
    List<Descriptor> layers,
    List<Descriptor> manifests) {
  public ImageManifest(
      @Nullable String mediaType,
      @Nullable Descriptor config,
      @Nullable List<Descriptor> layers,
      @Nullable List<Descriptor> manifests) {
    this.mediaType = Absent.string(mediaType);
    this.config = config;
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

  /// The configuration of the image; an index has none.
  public Optional<Descriptor> configuration() {
    return Optional.ofNullable(config);
  }

  /// All that a manifest refers to: its configuration and its layers.
  public List<Descriptor> blobs() {
    List<Descriptor> blobs = new ArrayList<>();
    configuration().ifPresent(blobs::add);
    blobs.addAll(layers);
    return blobs;
  }

  /// The layers that are a module or component as it is.
  public List<Descriptor> wasmLayers() {
    return layers.stream().filter(each -> MediaTypes.isWasmLayer(each.mediaType())).toList();
  }
}
