package dev.krustlet.shim.oci;

import java.util.Set;

/// What the parts of images are called, by the OCI image specification and by the CNCF's layout for
/// wasm artifacts.
public final class MediaTypes {
  public static final String INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String TAR_LAYER = "application/vnd.oci.image.layer.v1.tar";
  public static final String WASM_CONFIG = "application/vnd.wasm.config.v0+json";
  public static final String WASM_LAYER = "application/wasm";

  /// Layers that are a module or component as it is: today's name and those of other tools.
  private static final Set<String> WASM_LAYERS =
      Set.of(
          WASM_LAYER,
          "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm",
          "application/vnd.wasm.content.layer.v1+wasm",
          "application/vnd.module.wasm.content.layer.v1+wasm");

  private MediaTypes() {}

  public static boolean isWasmLayer(String mediaType) {
    return WASM_LAYERS.contains(mediaType);
  }
}
