package dev.krustlet.shim.rpc;

/// Which of containerd's metric messages this node's collectors understand.
public enum CgroupVersion {
  /// Legacy and hybrid hierarchies.
  V1,
  /// The unified hierarchy.
  V2
}
