package dev.krustlet.shim.oci;

import org.jspecify.annotations.Nullable;

/// What an image is for.
///
/// @param architecture as images call it, e.g. `amd64` or `wasm`
public record Platform(String architecture, String os) {
  /// That of this node.
  public static final Platform NODE =
      new Platform(System.getProperty("os.arch").replace("aarch64", "arm64"), "linux");

  static final Platform UNKNOWN = new Platform(null, null);

  public Platform(@Nullable String architecture, @Nullable String os) {
    this.architecture = Absent.string(architecture);
    this.os = Absent.string(os);
  }
}
