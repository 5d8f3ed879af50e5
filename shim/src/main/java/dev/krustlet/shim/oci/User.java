package dev.krustlet.shim.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whom the process runs as.
///
/// @param uid unsigned, as all ids here
/// @param umask 0 if not given
public record User(int uid, int gid, List<Integer> additionalGids, int umask) {
  public static final User ROOT = new User(0, 0, null, 0);

  public User(int uid, int gid, @Nullable List<Integer> additionalGids, int umask) {
    this.uid = uid;
    this.gid = gid;
    this.additionalGids = Absent.list(additionalGids);
    this.umask = umask;
  }
}
