package dev.krustlet.command.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.krustlet.shim.oci.MediaTypes;
import java.util.List;

/// An image of one wasm file.
///
/// @param config what the manifest refers to beside the layer
public record WasmImage(ImageForm form, ImageBlob manifest, ImageBlob config, ImageBlob layer) {
  private static final String TITLE = "org.opencontainers.image.title";

  /// @throws IllegalArgumentException if the file cannot have that form, with a sentence
  public static WasmImage of(WasmFile file, ImageForm form, ImageSettings settings) {
    ImageBlob layer =
        form == ImageForm.ORDINARY
            ? RootLayer.with(file)
            : new ImageBlob(MediaTypes.WASM_LAYER, file.bytes());
    ImageBlob config =
        switch (form) {
          case ORDINARY ->
              ImageConfigs.image(file, settings, settings.architecture(), "linux", List.of(layer));
          case WASM_LAYER ->
              ImageConfigs.image(
                  file, settings, "wasm", file.os(), List.of()); // it unpacks nothing
          case ARTIFACT -> ImageConfigs.artifact(file, settings, layer);
        };
    return new WasmImage(form, manifest(file, config, layer), config, layer);
  }

  /// What the manifest refers to.
  public List<ImageBlob> blobs() {
    return List.of(config, layer);
  }

  private static ImageBlob manifest(WasmFile file, ImageBlob config, ImageBlob layer) {
    var title = new JsonObject();
    title.addProperty(TITLE, file.name());
    JsonObject described = layer.descriptor();
    described.add("annotations", title);
    var layers = new JsonArray();
    layers.add(described);
    var manifest = new JsonObject();
    manifest.addProperty("schemaVersion", 2);
    manifest.addProperty("mediaType", MediaTypes.MANIFEST);
    manifest.add("config", config.descriptor());
    manifest.add("layers", layers);
    return ImageBlob.json(MediaTypes.MANIFEST, manifest);
  }
}
