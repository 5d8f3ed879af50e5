package dev.krustlet.shim.oci;

import org.jspecify.annotations.Nullable;

/// What an image is for.
///
/// @param architecture as images call it, e.g. `amd64` or `wasm`
public record Platform(String architecture, String os) {
  static final Platform UNKNOWN = new Platform(null, null);

  public Platform(@Nullable String architecture, @Nullable String os) {
    this.architecture = Absent.string(architecture);
    this.os = Absent.string(os);
  }
}
