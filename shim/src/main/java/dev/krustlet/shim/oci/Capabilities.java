package dev.krustlet.shim.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Linux capabilities by name, as far as we act on them.
public record Capabilities(List<String> effective) {
  public static final Capabilities NONE = new Capabilities(List.of());

  public Capabilities(@Nullable List<String> effective) {
    this.effective = effective == null ? List.of() : List.copyOf(effective);
  }
}
