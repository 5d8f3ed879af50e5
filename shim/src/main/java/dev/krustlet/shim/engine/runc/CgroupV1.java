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

/// Legacy hierarchies: a directory for each controller.
///
/// @param paths the group's path by controller
record CgroupV1(Path mount, Map<String, String> paths) implements Cgroup {
  private static final long NANOS_PER_TICK =
      10_000_000; // USER_HZ is 100 on every platform we run on

  private Path file(String controller, String name) {
    return Path.of(mount.resolve(controller) + paths.getOrDefault(controller, "/"), name);
  }

  Path memory() {
    return file("memory", "").normalize();
  }

  @Override
  public Path processes() {
    return file(paths.containsKey("memory") ? "memory" : "pids", "").normalize();
  }

  @Override
  public OptionalLong oomKills() throws IOException {
    return CgroupFiles.value(file("memory", "memory.oom_control"), "oom_kill");
  }

  @Override
  public long parentOomKills() {
    return 0; // each group counts its own alone
  }

  @Override
  public Stats stats() throws IOException {
    if (isGone()) {
      throw new NoSuchFileException(processes().toString());
    }
    return new Stats(
        cpu(),
        memoryFigures(),
        new Stats.Pids(
            CgroupFiles.number(file("pids", "pids.current")),
            CgroupFiles.limit(file("pids", "pids.max"))),
        kernel(),
        paths.containsKey("blkio") ? DeviceFigures.legacyIo(file("blkio", "")) : List.of(),
        paths.containsKey("hugetlb") ? DeviceFigures.hugePages(file("hugetlb", "")) : List.of(),
        Map.of());
  }

  private Map<String, Long> kernel() throws IOException {
    Map<String, Long> figures = new HashMap<>(CgroupFiles.table(file("memory", "memory.stat")));
    for (String account : List.of("memory.memsw", "memory.kmem", "memory.kmem.tcp")) {
      for (String name :
          List.of("limit_in_bytes", "usage_in_bytes", "max_usage_in_bytes", "failcnt")) {
        String file = account + "." + name;
        figures.put(file, CgroupFiles.number(file("memory", file)));
      }
    }
    CgroupFiles.table(file("memory", "memory.oom_control"))
        .forEach((key, value) -> figures.put("memory.oom_control." + key, value));
    List<Long> cpus = CgroupFiles.row(file("cpuacct", "cpuacct.usage_percpu"));
    for (int i = 0; i < cpus.size(); i++) {
      figures.put("cpuacct.usage_percpu." + i, cpus.get(i));
    }
    return figures;
  }

  private Stats.Cpu cpu() throws IOException {
    Map<String, Long> ticks = CgroupFiles.table(file("cpuacct", "cpuacct.stat"));
    Map<String, Long> quota = CgroupFiles.table(file("cpu", "cpu.stat"));
    return new Stats.Cpu(
        CgroupFiles.number(file("cpuacct", "cpuacct.usage")),
        ticks.getOrDefault("user", 0L) * NANOS_PER_TICK,
        ticks.getOrDefault("system", 0L) * NANOS_PER_TICK,
        quota.getOrDefault("nr_periods", 0L),
        quota.getOrDefault("nr_throttled", 0L),
        quota.getOrDefault("throttled_time", 0L));
  }

  private Stats.Memory memoryFigures() throws IOException {
    Map<String, Long> stat = CgroupFiles.table(file("memory", "memory.stat"));
    return new Stats.Memory(
        CgroupFiles.number(file("memory", "memory.usage_in_bytes")),
        CgroupFiles.limit(file("memory", "memory.limit_in_bytes")),
        CgroupFiles.number(file("memory", "memory.max_usage_in_bytes")),
        new Pages(
            stat.getOrDefault("total_rss", 0L),
            stat.getOrDefault("total_cache", 0L),
            stat.getOrDefault("total_inactive_file", 0L)),
        new PageFaults(
            stat.getOrDefault("total_pgfault", 0L), stat.getOrDefault("total_pgmajfault", 0L)),
        oomKills().orElse(0),
        CgroupFiles.number(file("memory", "memory.failcnt")));
  }
}
