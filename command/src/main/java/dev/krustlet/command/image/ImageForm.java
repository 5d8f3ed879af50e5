package dev.krustlet.command.image;

/// The ways in which an image can hold a wasm file.
public enum ImageForm {
  /// A root file system with the file in it, for the node's platform: runs on every containerd.
  ORDINARY,
  /// An image configuration for `wasm` and the file itself as a layer.
  WASM_LAYER,
  /// The CNCF's wasm artifact: a configuration of its own and the file as its one layer.
  ARTIFACT
}
