package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.StatsResponse;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.Stats.Memory.PageFaults;
import dev.krustlet.shim.engine.Stats.Memory.Pages;

/// The engine's figures of a container in the words of all containers.
final class WasmStats {
  /// What a guest has at least: metrics-server takes a container without memory for one that has
  /// ended, and then tells nothing of its pod. An idle service has no instance, and so no memory.
  private static final long LEAST = 4096;

  private WasmStats() {}

  static Stats of(StatsResponse r) {
    return new Stats(cpu(r), memory(r), new Stats.Pids(r.getThreads(), 0));
  }

  private static Stats.Cpu cpu(StatsResponse r) {
    return new Stats.Cpu(
        r.getCpuUserNs() + r.getCpuSystemNs(),
        r.getCpuUserNs(),
        r.getCpuSystemNs(),
        r.getCpuPeriods(),
        r.getCpuThrottledPeriods(),
        r.getCpuThrottledNs());
  }

  /// A guest has no page cache and no pages of files of its own.
  private static Stats.Memory memory(StatsResponse r) {
    long resident = Math.max(LEAST, r.getMemoryResidentBytes());
    return new Stats.Memory(
        resident,
        r.getMemoryLimitBytes(),
        Math.max(LEAST, r.getMemoryPeakBytes()),
        new Pages(resident, 0, 0),
        PageFaults.NONE,
        r.getOomKills(),
        r.getMemoryRefusals());
  }
}
