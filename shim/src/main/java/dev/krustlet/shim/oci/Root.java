package dev.krustlet.shim.oci;

import org.jspecify.annotations.Nullable;

/// The container's root file system.
///
/// @param path absolute, or relative to the bundle; empty if not given
public record Root(String path, boolean readonly) {
  public Root(@Nullable String path, boolean readonly) {
    this.path = Absent.string(path);
    this.readonly = readonly;
  }
}
