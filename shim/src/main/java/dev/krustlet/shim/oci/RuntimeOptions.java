package dev.krustlet.shim.oci;

import com.electronwill.nightconfig.core.UnmodifiableConfig;
import com.electronwill.nightconfig.core.io.ParsingException;
import com.electronwill.nightconfig.toml.TomlParser;
import java.util.List;
import java.util.Map;

/// The options of the runtime's table in containerd's config, which are those of runc's shim.
///
/// @param systemdCgroup cgroups are made by systemd; `linux.cgroupsPath` is `slice:prefix:name`
///   then
/// @param binaryName the OCI runtime for ordinary containers; `runc` when empty
/// @param root where that runtime keeps its state; `/run/containerd/runc` when empty
/// @param noPivotRoot the runtime moves the root instead of pivoting, which no initramfs lets it do
/// @param noNewKeyring containers keep the session keyring of their caller
/// @param ioUid who owns the streams of an ordinary container
/// @param ioGid the group of those streams
public record RuntimeOptions(
    boolean systemdCgroup,
    String binaryName,
    String root,
    boolean noPivotRoot,
    boolean noNewKeyring,
    int ioUid,
    int ioGid) {
  public static final RuntimeOptions DEFAULT = new RuntimeOptions(false, "", "");

  private static final String DOCUMENT = "runtime options";

  /// What an option that is not honoured would need.
  private static final Map<String, String> REFUSED =
      Map.of(
          "ShimCgroup", "one daemon serves all containers, so it has no cgroup for one of them",
          "CriuPath", "runc looks for criu on its PATH",
          "CriuImagePath", "restoring a checkpoint is not supported",
          "CriuWorkPath", "a checkpoint's working directory is named in its request");

  /// The options most nodes have.
  public RuntimeOptions(boolean systemdCgroup, String binaryName, String root) {
    this(systemdCgroup, binaryName, root, false, false, 0, 0);
  }

  /// Reads the table as containerd passes it on, keys spelt as in its config (`SystemdCgroup`).
  /// Keys that runc's shim does not know are left alone, as it does.
  public static RuntimeOptions fromToml(String toml) throws SpecException {
    try {
      var table = new TomlParser().parse(toml);
      for (String key : REFUSED.keySet()) {
        refuse(key, value(table, key, "", String.class));
      }
      return new RuntimeOptions(
          value(table, "SystemdCgroup", false, Boolean.class),
          value(table, "BinaryName", "", String.class),
          value(table, "Root", "", String.class),
          value(table, "NoPivotRoot", false, Boolean.class),
          value(table, "NoNewKeyring", false, Boolean.class),
          value(table, "IoUid", 0, Integer.class),
          value(table, "IoGid", 0, Integer.class));
    } catch (ParsingException e) {
      throw new SpecException(DOCUMENT, "TOML", String.valueOf(e.getMessage()), e);
    }
  }

  /// Refuses one of the options that are not honoured, if it has a value.
  public static void refuse(String key, String value) throws SpecException {
    if (!value.isEmpty()) {
      throw new SpecException(
          DOCUMENT,
          "%s = \"%s\" is not supported: %s; leave it out of the runtime's options"
              .formatted(key, value, REFUSED.get(key)));
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
