package dev.krustlet.shim.engine.runc;

import java.io.IOException;
import java.util.OptionalLong;

/// Whether the kernel has killed a process of a container for want of memory, even if nobody could
/// read the count of its cgroup in time: systemd removes a scope together with its last process.
/// What cgroup v2 counts for a group it counts for the group's parents as well.
final class OomCount {
  private final Cgroup cgroup;
  private final boolean counted;

  /// What the parent has counted and the container has not.
  private long others;

  OomCount(Cgroup cgroup) throws IOException {
    this.cgroup = cgroup;
    this.others = cgroup.parentOomKills();
    this.counted = own().isPresent();
  }

  /// To be asked often while the container lives, so that its neighbours' kills are known as theirs
  /// once it is gone.
  synchronized boolean any() throws IOException {
    long inParent = cgroup.parentOomKills(); // first: the kernel counts from the bottom up
    OptionalLong own = own();
    if (own.isPresent()) {
      others = inParent;
      return own.getAsLong() > 0;
    }
    return counted && inParent > others;
  }

  /// A file of a group that is about to go is there and cannot be read, or is not there.
  private OptionalLong own() {
    try {
      return cgroup.oomKills();
    } catch (IOException _) {
      return OptionalLong.empty();
    }
  }
}
