package dev.krustlet.shim.rpc;

import dev.krustlet.proto.cgroups.v1.CPUStat;
import dev.krustlet.proto.cgroups.v1.CPUUsage;
import dev.krustlet.proto.cgroups.v1.MemoryEntry;
import dev.krustlet.proto.cgroups.v1.MemoryOomControl;
import dev.krustlet.proto.cgroups.v1.MemoryStat;
import dev.krustlet.proto.cgroups.v1.Metrics;
import dev.krustlet.proto.cgroups.v1.PidsStat;
import dev.krustlet.proto.cgroups.v1.Throttle;
import dev.krustlet.shim.engine.Stats;
import java.util.Map;

/// A container's figures as the metrics message of cgroup v1.
final class MetricsV1 {
  /// What the kernel says where there is no limit.
  private static final long UNLIMITED = 0x7FFF_FFFF_FFFF_F000L;

  private MetricsV1() {}

  static Metrics of(Stats stats) {
    return Metrics.newBuilder()
        .setPids(
            PidsStat.newBuilder().setCurrent(stats.pids().current()).setLimit(stats.pids().limit()))
        .setCpu(cpu(stats))
        .setMemory(memory(stats.memory(), stats.kernel()))
        .setMemoryOomControl(
            KernelFigures.set(
                    MemoryOomControl.newBuilder(), stats.kernel(), "memory.oom_control."::concat)
                .setOomKill(stats.memory().oomKills()))
        .setBlkio(DeviceMetrics.blkio(stats.io()))
        .addAllHugetlb(DeviceMetrics.hugePagesV1(stats.hugePages()))
        .build();
  }

  private static CPUStat cpu(Stats stats) {
    Stats.Cpu cpu = stats.cpu();
    return CPUStat.newBuilder()
        .setUsage(
            CPUUsage.newBuilder()
                .setTotal(cpu.totalNanos())
                .setUser(cpu.userNanos())
                .setKernel(cpu.systemNanos())
                .addAllPerCpu(KernelFigures.perCpu(stats.kernel())))
        .setThrottling(
            Throttle.newBuilder()
                .setPeriods(cpu.periods())
                .setThrottledPeriods(cpu.throttledPeriods())
                .setThrottledTime(cpu.throttledNanos()))
        .build();
  }

  private static MemoryStat memory(Stats.Memory memory, Map<String, Long> kernel) {
    // what the kernel counts for the group alone, without its children, is in its own words
    var ofGroup =
        MemoryStat.newBuilder()
            .setCache(memory.pages().file())
            .setRss(memory.pages().anonymous())
            .setInactiveFile(memory.pages().inactiveFile())
            .setPgFault(memory.faults().all())
            .setPgMajFault(memory.faults().major());
    return KernelFigures.set(ofGroup, kernel, KernelFigures::oldName)
        .setTotalCache(memory.pages().file())
        .setTotalRss(memory.pages().anonymous())
        .setTotalInactiveFile(memory.pages().inactiveFile())
        .setTotalPgFault(memory.faults().all())
        .setTotalPgMajFault(memory.faults().major())
        .setUsage(
            MemoryEntry.newBuilder()
                .setUsage(memory.usage())
                .setLimit(memory.limit() == 0 ? UNLIMITED : memory.limit())
                .setMax(memory.peak())
                .setFailcnt(memory.limitHits()))
        .setSwap(KernelFigures.entry(kernel, "memory.memsw."))
        .setKernel(KernelFigures.entry(kernel, "memory.kmem."))
        .setKernelTcp(KernelFigures.entry(kernel, "memory.kmem.tcp."))
        .build();
  }
}
