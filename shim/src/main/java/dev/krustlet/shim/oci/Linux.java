package dev.krustlet.shim.oci;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The Linux part of a spec, as far as we act on it.
public record Linux(
    List<Namespace> namespaces,
    Resources resources,
    String cgroupsPath,
    List<IdMapping> uidMappings,
    List<IdMapping> gidMappings) {
  public static final Linux EMPTY = new Linux(null, null, null, null, null);

  public Linux(
      @Nullable List<Namespace> namespaces,
      @Nullable Resources resources,
      @Nullable String cgroupsPath,
      @Nullable List<IdMapping> uidMappings,
      @Nullable List<IdMapping> gidMappings) {
    this.namespaces = Absent.list(namespaces);
    this.resources = resources == null ? Resources.NONE : resources;
    this.cgroupsPath = Absent.string(cgroupsPath);
    this.uidMappings = Absent.list(uidMappings);
    this.gidMappings = Absent.list(gidMappings);
  }

  /// The namespace of that type ("network", "pid", …), if the spec asks for one of its own or to
  /// join one.
  public Optional<Namespace> namespace(String type) {
    return namespaces.stream().filter(n -> n.type().equals(type)).findFirst();
  }

  /// A namespace of the container's.
  ///
  /// @param path the namespace to join; empty for a new one
  public record Namespace(String type, String path) {
    public Namespace(@Nullable String type, @Nullable String path) {
      this.type = Absent.string(type);
      this.path = Absent.string(path);
    }
  }
}
