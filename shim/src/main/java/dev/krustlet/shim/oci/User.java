package dev.krustlet.shim.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whom the process runs as.
public record User(int uid, int gid, List<Integer> additionalGids) {
  public static final User ROOT = new User(0, 0, List.of());

  public User(int uid, int gid, @Nullable List<Integer> additionalGids) {
    this.uid = uid;
    this.gid = gid;
    this.additionalGids = additionalGids == null ? List.of() : List.copyOf(additionalGids);
  }
}
