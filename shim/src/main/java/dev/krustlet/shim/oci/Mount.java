package dev.krustlet.shim.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One mount, of config.json or of containerd's Create (whose `target` is the destination).
///
/// @param type file system type, or `bind`; may be empty for a bind mount
/// @param options as in fstab: flags by name, the rest is the file system's data
public record Mount(
    String destination,
    String type,
    String source,
    List<String> options,
    List<IdMapping> uidMappings,
    List<IdMapping> gidMappings) {
  public Mount(
      @Nullable String destination,
      @Nullable String type,
      @Nullable String source,
      @Nullable List<String> options,
      @Nullable List<IdMapping> uidMappings,
      @Nullable List<IdMapping> gidMappings) {
    this.destination = Absent.string(destination);
    this.type = Absent.string(type);
    this.source = Absent.string(source);
    this.options = Absent.list(options);
    this.uidMappings = Absent.list(uidMappings);
    this.gidMappings = Absent.list(gidMappings);
  }

  /// A mount whose files belong to whom they belong to.
  public Mount(String destination, String type, String source, List<String> options) {
    this(destination, type, source, options, null, null);
  }

  /// Whether its files are to belong to others in the container.
  public boolean isMapped() {
    return !uidMappings.isEmpty() || !gidMappings.isEmpty();
  }

  /// Whether it shows what is elsewhere already, and is no file system of its own.
  public boolean isBind() {
    return type.equals("bind") || options.contains("bind") || options.contains("rbind");
  }
}
