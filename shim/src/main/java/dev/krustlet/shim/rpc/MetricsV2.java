package dev.krustlet.shim.rpc;

import dev.krustlet.proto.cgroups.v2.CPUStat;
import dev.krustlet.proto.cgroups.v2.IOStat;
import dev.krustlet.proto.cgroups.v2.MemoryEvents;
import dev.krustlet.proto.cgroups.v2.MemoryStat;
import dev.krustlet.proto.cgroups.v2.Metrics;
import dev.krustlet.proto.cgroups.v2.PidsStat;
import dev.krustlet.shim.engine.Stats;
import java.util.Map;
import java.util.function.UnaryOperator;

/// A container's figures as the metrics message of cgroup v2.
final class MetricsV2 {
  /// What collectors read as no limit: the largest uint64.
  private static final long UNLIMITED = -1L;

  private static final long NANOS_PER_MICRO = 1000;

  private MetricsV2() {}

  static Metrics of(Stats stats) {
    return Metrics.newBuilder()
        .setPids(
            PidsStat.newBuilder()
                .setCurrent(stats.pids().current())
                .setLimit(stats.pids().limit() == 0 ? UNLIMITED : stats.pids().limit()))
        .setCpu(cpu(stats))
        .setMemory(memory(stats))
        .setMemoryEvents(
            KernelFigures.set(
                    MemoryEvents.newBuilder().setOom(stats.memory().oomKills()),
                    stats.kernel(),
                    "memory.events."::concat)
                .setMax(stats.memory().limitHits())
                .setOomKill(stats.memory().oomKills()))
        .setIo(io(stats))
        .addAllHugetlb(DeviceMetrics.hugePagesV2(stats.hugePages(), UNLIMITED))
        .build();
  }

  private static IOStat io(Stats stats) {
    var figures = DeviceMetrics.io(stats.io()).toBuilder();
    Pressures.of(stats, "io").ifPresent(figures::setPsi);
    return figures.build();
  }

  private static CPUStat cpu(Stats stats) {
    Stats.Cpu cpu = stats.cpu();
    var figures =
        CPUStat.newBuilder()
            .setUsageUsec(cpu.totalNanos() / NANOS_PER_MICRO)
            .setUserUsec(cpu.userNanos() / NANOS_PER_MICRO)
            .setSystemUsec(cpu.systemNanos() / NANOS_PER_MICRO)
            .setNrPeriods(cpu.periods())
            .setNrThrottled(cpu.throttledPeriods())
            .setThrottledUsec(cpu.throttledNanos() / NANOS_PER_MICRO);
    Pressures.of(stats, "cpu").ifPresent(figures::setPsi);
    return figures.build();
  }

  private static MemoryStat memory(Stats stats) {
    Stats.Memory memory = stats.memory();
    Map<String, Long> kernel = stats.kernel();
    var figures = KernelFigures.set(MemoryStat.newBuilder(), kernel, UnaryOperator.identity());
    Pressures.of(stats, "memory").ifPresent(figures::setPsi);
    return figures
        .setUsage(memory.usage())
        .setUsageLimit(memory.limit() == 0 ? UNLIMITED : memory.limit())
        .setMaxUsage(memory.peak())
        .setAnon(memory.pages().anonymous())
        .setFile(memory.pages().file())
        .setInactiveFile(memory.pages().inactiveFile())
        .setPgfault(memory.faults().all())
        .setPgmajfault(memory.faults().major())
        .setSwapUsage(kernel.getOrDefault("memory.swap.current", 0L))
        .setSwapLimit(kernel.getOrDefault("memory.swap.max", 0L))
        .setSwapMaxUsage(kernel.getOrDefault("memory.swap.peak", 0L))
        .build();
  }
}
