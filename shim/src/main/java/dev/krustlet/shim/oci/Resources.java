package dev.krustlet.shim.oci;

import org.jspecify.annotations.Nullable;

/// Limits of a container. A figure of 0 is not set.
public record Resources(Memory memory, Cpu cpu) {
  public static final Resources NONE = new Resources(null, null);

  public Resources(@Nullable Memory memory, @Nullable Cpu cpu) {
    this.memory = memory == null ? new Memory(0) : memory;
    this.cpu = cpu == null ? new Cpu(0, 0, 0) : cpu;
  }

  /// @param limit bytes; -1 and 0 are no limit
  public record Memory(long limit) {}

  /// @param quota microseconds a period; -1 and 0 are no limit
  /// @param period microseconds
  public record Cpu(long shares, long quota, long period) {}
}
