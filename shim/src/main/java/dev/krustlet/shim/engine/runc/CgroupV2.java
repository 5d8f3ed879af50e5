package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.Stats.Memory.PageFaults;
import dev.krustlet.shim.engine.Stats.Memory.Pages;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// The unified hierarchy: one directory for all controllers.
record CgroupV2(Path group) implements Cgroup {
  private static final long NANOS_PER_MICRO = 1000;

  Path memoryEvents() {
    return group.resolve("memory.events");
  }

  @Override
  public Path processes() {
    return group;
  }

  @Override
  public OptionalLong oomKills() throws IOException {
    return CgroupFiles.value(memoryEvents(), "oom_kill");
  }

  /// Of the parent. The root of all has no such file.
  Path parentsMemoryEvents() {
    return group.resolveSibling("memory.events");
  }

  @Override
  public long parentOomKills() throws IOException {
    return CgroupFiles.value(parentsMemoryEvents(), "oom_kill").orElse(0);
  }

  @Override
  public Stats stats() throws IOException {
    var pids =
        new Stats.Pids(
            CgroupFiles.number(group.resolve("pids.current")),
            CgroupFiles.limit(group.resolve("pids.max")));
    var stats =
        new Stats(
            cpu(),
            memory(),
            pids,
            kernel(),
            DeviceFigures.unifiedIo(group),
            DeviceFigures.hugePages(group),
            PressureFiles.of(group));
    if (isGone()) { // only now is it sure that it was there for all of them
      throw new NoSuchFileException(group.toString());
    }
    return stats;
  }

  private Map<String, Long> kernel() throws IOException {
    Map<String, Long> figures = new HashMap<>(CgroupFiles.table(group.resolve("memory.stat")));
    for (String file : List.of("memory.swap.current", "memory.swap.max", "memory.swap.peak")) {
      figures.put(file, CgroupFiles.number(group.resolve(file)));
    }
    CgroupFiles.table(memoryEvents())
        .forEach((key, value) -> figures.put("memory.events." + key, value));
    return figures;
  }

  private Stats.Cpu cpu() throws IOException {
    Map<String, Long> stat = CgroupFiles.table(group.resolve("cpu.stat"));
    return new Stats.Cpu(
        stat.getOrDefault("usage_usec", 0L) * NANOS_PER_MICRO,
        stat.getOrDefault("user_usec", 0L) * NANOS_PER_MICRO,
        stat.getOrDefault("system_usec", 0L) * NANOS_PER_MICRO,
        stat.getOrDefault("nr_periods", 0L),
        stat.getOrDefault("nr_throttled", 0L),
        stat.getOrDefault("throttled_usec", 0L) * NANOS_PER_MICRO);
  }

  private Stats.Memory memory() throws IOException {
    Map<String, Long> stat = CgroupFiles.table(group.resolve("memory.stat"));
    Map<String, Long> events = CgroupFiles.table(memoryEvents());
    return new Stats.Memory(
        CgroupFiles.number(group.resolve("memory.current")),
        CgroupFiles.limit(group.resolve("memory.max")),
        CgroupFiles.number(group.resolve("memory.peak")),
        new Pages(
            stat.getOrDefault("anon", 0L),
            stat.getOrDefault("file", 0L),
            stat.getOrDefault("inactive_file", 0L)),
        new PageFaults(stat.getOrDefault("pgfault", 0L), stat.getOrDefault("pgmajfault", 0L)),
        events.getOrDefault("oom_kill", 0L),
        events.getOrDefault("max", 0L));
  }
}
