package dev.krustlet.shim.oci;

import org.jspecify.annotations.Nullable;

/// Limits of a container. A figure of 0 is not set, and what is beyond a long's range is
/// [Long#MAX_VALUE].
public record Resources(Memory memory, Cpu cpu, Pids pids) {
  public static final Resources NONE = new Resources(null, null, null);

  public Resources(@Nullable Memory memory, @Nullable Cpu cpu, @Nullable Pids pids) {
    this.memory = memory == null ? new Memory(0, 0) : memory;
    this.cpu = cpu == null ? new Cpu(0, 0, 0) : cpu;
    this.pids = pids == null ? new Pids(0) : pids;
  }

  /// Bytes.
  ///
  /// @param limit -1 and 0 are no limit
  /// @param swap memory and swap together; -1 and 0 are no limit
  public record Memory(long limit, long swap) {}

  /// Weight and quota of CPU time.
  ///
  /// @param shares cgroup v1's weight, 2 to 262144
  /// @param quota microseconds a period; -1 and 0 are no limit
  /// @param period microseconds
  public record Cpu(long shares, long quota, long period) {}

  /// Processes and threads.
  ///
  /// @param limit -1 and 0 are no limit
  public record Pids(long limit) {}
}
