package dev.krustlet.command.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.krustlet.shim.oci.MediaTypes;
import java.util.List;

/// The configurations of images.
final class ImageConfigs {
  private ImageConfigs() {}

  /// @param rootfs the layers that a root file system is made of
  static ImageBlob image(
      WasmFile file,
      ImageSettings settings,
      String architecture,
      String os,
      List<ImageBlob> rootfs) {
    var config = platform(settings, architecture, os);
    config.add("config", process(file, settings));
    var root = new JsonObject();
    root.addProperty("type", "layers");
    root.add("diff_ids", strings(rootfs.stream().map(ImageBlob::digest).toList()));
    config.add("rootfs", root);
    return ImageBlob.json(MediaTypes.CONFIG, config);
  }

  static ImageBlob artifact(WasmFile file, ImageSettings settings, ImageBlob layer) {
    var config = platform(settings, "wasm", file.os());
    config.add("layerDigests", strings(List.of(layer.digest())));
    if (file.kind() == WasmFile.Kind.COMPONENT) {
      var world = ComponentWorld.of(file.bytes());
      var component = new JsonObject();
      component.add("exports", strings(world.exports()));
      component.add("imports", strings(world.imports()));
      config.add("component", component);
    }
    return ImageBlob.json(MediaTypes.WASM_CONFIG, config);
  }

  private static JsonObject platform(ImageSettings settings, String architecture, String os) {
    var config = new JsonObject();
    config.addProperty("created", settings.created().toString());
    config.addProperty("architecture", architecture);
    config.addProperty("os", os);
    return config;
  }

  private static JsonObject process(WasmFile file, ImageSettings settings) {
    var process = new JsonObject();
    process.add("Entrypoint", strings(List.of("/" + file.name())));
    if (!settings.environment().isEmpty()) {
      process.add("Env", strings(settings.environment()));
    }
    if (!settings.arguments().isEmpty()) {
      process.add("Cmd", strings(settings.arguments()));
    }
    return process;
  }

  private static JsonArray strings(List<String> texts) {
    var array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
