package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.StatsResponse;
import dev.krustlet.shim.engine.Stats;

/// The engine's figures of a container in the words of all containers.
final class WasmStats {
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
    return new Stats.Memory(
        r.getMemoryResidentBytes(),
        r.getMemoryLimitBytes(),
        r.getMemoryPeakBytes(),
        r.getMemoryResidentBytes(),
        0,
        0,
        0,
        0,
        r.getOomKills(),
        r.getMemoryRefusals());
  }
}
