package dev.krustlet.shim.oci;

/// The options of the runtime's table in containerd's config, as far as we act on them.
///
/// @param systemdCgroup cgroups are made by systemd; `linux.cgroupsPath` is `slice:prefix:name`
///   then
/// @param binaryName the OCI runtime for ordinary containers; `runc` when empty
/// @param root where that runtime keeps its state; `/run/containerd/runc` when empty
public record RuntimeOptions(boolean systemdCgroup, String binaryName, String root) {
  public static final RuntimeOptions DEFAULT = new RuntimeOptions(false, "", "");
}
