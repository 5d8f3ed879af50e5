package dev.krustlet.shim.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An OCI runtime spec (config.json), as far as we read it. Absent parts are their empty value,
/// never null. runc reads the file itself, so nothing is lost by what is left out here.
public record Spec(
    Process process,
    Root root,
    List<Mount> mounts,
    Linux linux,
    Map<String, String> annotations,
    Hooks hooks) {
  private static final int MAX_MOUNTS = 4096;

  public Spec(
      @Nullable Process process,
      @Nullable Root root,
      @Nullable List<Mount> mounts,
      @Nullable Linux linux,
      @Nullable Map<String, String> annotations,
      @Nullable Hooks hooks) {
    this.process = process == null ? Process.EMPTY : process;
    this.root = root == null ? new Root(null, false) : root;
    this.mounts = bounded(Absent.list(mounts));
    this.linux = linux == null ? Linux.EMPTY : linux;
    this.annotations = Annotations.checked(Absent.map(annotations));
    this.hooks = hooks == null ? Hooks.NONE : hooks;
  }

  private static List<Mount> bounded(List<Mount> mounts) {
    if (mounts.size() > MAX_MOUNTS) {
      throw new IllegalArgumentException(
          "%d mounts are more than %d".formatted(mounts.size(), MAX_MOUNTS));
    }
    return mounts;
  }
}
