package dev.krustlet.shim.oci;

import com.electronwill.nightconfig.core.UnmodifiableConfig;
import com.electronwill.nightconfig.core.io.ParsingException;
import com.electronwill.nightconfig.toml.TomlParser;
import java.util.List;

/// The options of the runtime's table in containerd's config, as far as we act on them.
///
/// @param systemdCgroup cgroups are made by systemd; `linux.cgroupsPath` is `slice:prefix:name`
///   then
/// @param binaryName the OCI runtime for ordinary containers; `runc` when empty
/// @param root where that runtime keeps its state; `/run/containerd/runc` when empty
public record RuntimeOptions(boolean systemdCgroup, String binaryName, String root) {
  public static final RuntimeOptions DEFAULT = new RuntimeOptions(false, "", "");

  private static final String DOCUMENT = "runtime options";

  /// Reads the table as containerd passes it on, keys spelt as in its config (`SystemdCgroup`).
  /// Keys we do not act on are left alone.
  public static RuntimeOptions fromToml(String toml) throws SpecException {
    try {
      var table = new TomlParser().parse(toml);
      return new RuntimeOptions(
          value(table, "SystemdCgroup", false, Boolean.class),
          value(table, "BinaryName", "", String.class),
          value(table, "Root", "", String.class));
    } catch (ParsingException e) {
      throw new SpecException(DOCUMENT, "TOML", String.valueOf(e.getMessage()), e);
    }
  }

  private static <T> T value(UnmodifiableConfig table, String key, T absent, Class<T> type)
      throws SpecException {
    Object value = table.getOrElse(List.of(key), (Object) absent);
    if (!type.isInstance(value)) {
      throw new SpecException(
          DOCUMENT, "%s = %s is no %s".formatted(key, value, type.getSimpleName()));
    }
    return type.cast(value);
  }
}
