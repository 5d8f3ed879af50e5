package dev.krustlet.testbed;

import java.util.Locale;

/// Who makes the cgroups of pods.
enum CgroupDriver {
  /// runc itself.
  CGROUPFS,
  /// systemd, on runc's behalf. It has to be the init of this system.
  SYSTEMD;

  /// What the system property `krustlet.cgroups` says, and [#CGROUPFS] unless it is set.
  static CgroupDriver ofBuild() {
    return valueOf(System.getProperty("krustlet.cgroups", "cgroupfs").toUpperCase(Locale.ROOT));
  }

  /// The cgroup of all pods of a bed, as a kubelet calls it. A dash in the name of a slice leads to
  /// the slice that it is in.
  ///
  /// @param bed its name, which has one dash
  String parent(String bed) {
    return switch (this) {
      case CGROUPFS -> "/" + bed;
      case SYSTEMD -> "/%s.slice/%s.slice".formatted(bed.substring(0, bed.indexOf('-')), bed);
    };
  }
}
