package dev.krustlet.shim.rpc;

import com.google.protobuf.Any;
import dev.krustlet.shim.engine.Stats;

/// A container's figures as the metrics message of the node's cgroup version. Every part is always
/// there: readers dereference them without looking. The collectors of containerd 1.6 and 1.7 take
/// containerd down with them if `swap`, `kernel` or `kernel_tcp` is missing.
final class Metrics {
  private Metrics() {}

  static Any of(Stats stats, CgroupVersion version) {
    return switch (version) {
      case V1 -> Wire.any("io.containerd.cgroups.v1.Metrics", MetricsV1.of(stats));
      case V2 -> Wire.any("io.containerd.cgroups.v2.Metrics", MetricsV2.of(stats));
    };
  }
}
