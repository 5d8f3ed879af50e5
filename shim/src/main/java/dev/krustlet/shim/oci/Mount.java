package dev.krustlet.shim.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One mount, of config.json or of containerd's Create (whose `target` is the destination).
///
/// @param type file system type, or `bind`; may be empty for a bind mount
/// @param options as in fstab: flags by name, the rest is the file system's data
public record Mount(String destination, String type, String source, List<String> options) {
  public Mount(
      @Nullable String destination,
      @Nullable String type,
      @Nullable String source,
      @Nullable List<String> options) {
    this.destination = Absent.string(destination);
    this.type = Absent.string(type);
    this.source = Absent.string(source);
    this.options = Absent.list(options);
  }

  /// Whether it shows what is elsewhere already, and is no file system of its own.
  public boolean isBind() {
    return type.equals("bind") || options.contains("bind") || options.contains("rbind");
  }
}
