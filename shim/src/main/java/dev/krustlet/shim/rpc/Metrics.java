package dev.krustlet.shim.rpc;

import com.google.protobuf.Any;
import dev.krustlet.proto.cgroups.v1.CPUUsage;
import dev.krustlet.proto.cgroups.v1.MemoryEntry;
import dev.krustlet.proto.cgroups.v1.MemoryOomControl;
import dev.krustlet.proto.cgroups.v1.Throttle;
import dev.krustlet.proto.cgroups.v2.CPUStat;
import dev.krustlet.proto.cgroups.v2.IOStat;
import dev.krustlet.proto.cgroups.v2.MemoryEvents;
import dev.krustlet.proto.cgroups.v2.MemoryStat;
import dev.krustlet.shim.engine.Stats;
import java.util.Map;
import java.util.function.UnaryOperator;

/// A container's figures as the metrics message of the node's cgroup version. Every part is always
/// there: readers dereference them without looking. The collectors of containerd 1.6 and 1.7 take
/// containerd down with them if `swap`, `kernel` or `kernel_tcp` is missing.
final class Metrics {
  /// What the kernel says on cgroup v1 where there is no limit.
  private static final long UNLIMITED_V1 = 0x7FFF_FFFF_FFFF_F000L;

  /// What collectors read as no limit on cgroup v2: the largest uint64.
  private static final long UNLIMITED_V2 = -1L;

  private static final long NANOS_PER_MICRO = 1000;

  private Metrics() {}

  static Any of(Stats stats, CgroupVersion version) {
    return switch (version) {
      case V1 -> Wire.any("io.containerd.cgroups.v1.Metrics", v1(stats));
      case V2 -> Wire.any("io.containerd.cgroups.v2.Metrics", v2(stats));
    };
  }

  private static dev.krustlet.proto.cgroups.v1.Metrics v1(Stats stats) {
    Stats.Cpu cpu = stats.cpu();
    return dev.krustlet.proto.cgroups.v1.Metrics.newBuilder()
        .setPids(
            dev.krustlet.proto.cgroups.v1.PidsStat.newBuilder()
                .setCurrent(stats.pids().current())
                .setLimit(stats.pids().limit()))
        .setCpu(
            dev.krustlet.proto.cgroups.v1.CPUStat.newBuilder()
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
                        .setThrottledTime(cpu.throttledNanos())))
        .setMemory(memoryV1(stats.memory(), stats.kernel()))
        .setMemoryOomControl(
            KernelFigures.set(
                    MemoryOomControl.newBuilder(), stats.kernel(), "memory.oom_control."::concat)
                .setOomKill(stats.memory().oomKills()))
        .setBlkio(DeviceMetrics.blkio(stats.io()))
        .addAllHugetlb(DeviceMetrics.hugePagesV1(stats.hugePages()))
        .build();
  }

  private static dev.krustlet.proto.cgroups.v1.MemoryStat memoryV1(
      Stats.Memory memory, Map<String, Long> kernel) {
    // what the kernel counts for the group alone, without its children, is in its own words
    var ofGroup =
        dev.krustlet.proto.cgroups.v1.MemoryStat.newBuilder()
            .setCache(memory.file())
            .setRss(memory.anonymous())
            .setInactiveFile(memory.inactiveFile())
            .setPgFault(memory.pageFaults())
            .setPgMajFault(memory.majorPageFaults());
    return KernelFigures.set(ofGroup, kernel, KernelFigures::oldName)
        .setTotalCache(memory.file())
        .setTotalRss(memory.anonymous())
        .setTotalInactiveFile(memory.inactiveFile())
        .setTotalPgFault(memory.pageFaults())
        .setTotalPgMajFault(memory.majorPageFaults())
        .setUsage(
            MemoryEntry.newBuilder()
                .setUsage(memory.usage())
                .setLimit(memory.limit() == 0 ? UNLIMITED_V1 : memory.limit())
                .setMax(memory.peak())
                .setFailcnt(memory.limitHits()))
        .setSwap(KernelFigures.entry(kernel, "memory.memsw."))
        .setKernel(KernelFigures.entry(kernel, "memory.kmem."))
        .setKernelTcp(KernelFigures.entry(kernel, "memory.kmem.tcp."))
        .build();
  }

  private static dev.krustlet.proto.cgroups.v2.Metrics v2(Stats stats) {
    return dev.krustlet.proto.cgroups.v2.Metrics.newBuilder()
        .setPids(
            dev.krustlet.proto.cgroups.v2.PidsStat.newBuilder()
                .setCurrent(stats.pids().current())
                .setLimit(stats.pids().limit() == 0 ? UNLIMITED_V2 : stats.pids().limit()))
        .setCpu(cpuV2(stats))
        .setMemory(memoryV2(stats))
        .setMemoryEvents(
            KernelFigures.set(
                    MemoryEvents.newBuilder().setOom(stats.memory().oomKills()),
                    stats.kernel(),
                    "memory.events."::concat)
                .setMax(stats.memory().limitHits())
                .setOomKill(stats.memory().oomKills()))
        .setIo(ioV2(stats))
        .addAllHugetlb(DeviceMetrics.hugePagesV2(stats.hugePages(), UNLIMITED_V2))
        .build();
  }

  private static IOStat ioV2(Stats stats) {
    var figures = DeviceMetrics.io(stats.io()).toBuilder();
    Pressures.of(stats, "io").ifPresent(figures::setPsi);
    return figures.build();
  }

  private static CPUStat cpuV2(Stats stats) {
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

  private static MemoryStat memoryV2(Stats stats) {
    Stats.Memory memory = stats.memory();
    Map<String, Long> kernel = stats.kernel();
    var figures = KernelFigures.set(MemoryStat.newBuilder(), kernel, UnaryOperator.identity());
    Pressures.of(stats, "memory").ifPresent(figures::setPsi);
    return figures
        .setUsage(memory.usage())
        .setUsageLimit(memory.limit() == 0 ? UNLIMITED_V2 : memory.limit())
        .setMaxUsage(memory.peak())
        .setAnon(memory.anonymous())
        .setFile(memory.file())
        .setInactiveFile(memory.inactiveFile())
        .setPgfault(memory.pageFaults())
        .setPgmajfault(memory.majorPageFaults())
        .setSwapUsage(kernel.getOrDefault("memory.swap.current", 0L))
        .setSwapLimit(kernel.getOrDefault("memory.swap.max", 0L))
        .setSwapMaxUsage(kernel.getOrDefault("memory.swap.peak", 0L))
        .build();
  }
}
