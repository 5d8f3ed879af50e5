package dev.krustlet.shim.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A container's figures, of any kind of container. Bytes and nanoseconds; a limit of 0 is none.
///
/// @param kernel what the kernel counts besides, as it spells it: lines of `memory.stat`, and names
///   of files, `FILE.KEY` for lines of others
/// @param io what it read from and wrote to block devices, as far as the kernel counts that
/// @param hugePages those it holds, one entry for each size the kernel counts
/// @param pressure how it waited for `cpu`, `memory` and `io`, as far as the kernel tells
public record Stats(
    Cpu cpu,
    Memory memory,
    Pids pids,
    Map<String, Long> kernel,
    List<BlockIo> io,
    List<HugePages> hugePages,
    Map<String, Pressure> pressure) {
  public Stats {
    kernel = Map.copyOf(kernel);
    io = List.copyOf(io);
    hugePages = List.copyOf(hugePages);
    pressure = Map.copyOf(pressure);
  }

  /// Figures of a container that the kernel counts nothing for.
  public Stats(Cpu cpu, Memory memory, Pids pids) {
    this(cpu, memory, pids, Map.of(), List.of(), List.of(), Map.of());
  }

  /// The same, with at least one process that was ended for want of memory.
  public Stats withOomKill() {
    return memory.oomKills() > 0
        ? this
        : new Stats(cpu, memory.oomKilled(), pids, kernel, io, hugePages, pressure);
  }

  /// CPU time used since the start, and what the quota took away.
  public record Cpu(
      long totalNanos,
      long userNanos,
      long systemNanos,
      long periods,
      long throttledPeriods,
      long throttledNanos) {}

  /// What the container holds of memory, in bytes, and how that went.
  ///
  /// @param usage all memory charged to the container
  /// @param peak the most it had been, 0 if not known
  /// @param oomKills how often it was ended for want of memory
  /// @param limitHits how often an allocation met the limit
  public record Memory(
      long usage,
      long limit,
      long peak,
      Pages pages,
      PageFaults faults,
      long oomKills,
      long limitHits) {
    private Memory oomKilled() {
      return new Memory(usage, limit, peak, pages, faults, 1, limitHits);
    }

    /// What the memory is used for, in bytes.
    ///
    /// @param anonymous memory that is no page of a file (rss)
    /// @param file page cache
    /// @param inactiveFile page cache that could go at once; `usage - inactiveFile` is the working
    ///   set
    public record Pages(long anonymous, long file, long inactiveFile) {}

    /// How often a page was missing.
    ///
    /// @param major those that a disk was read for
    public record PageFaults(long all, long major) {
      public static final PageFaults NONE = new PageFaults(0, 0);
    }
  }

  /// Processes and threads.
  ///
  /// @param limit 0 is none
  public record Pids(long current, long limit) {}

  /// One count of a container's use of one block device.
  ///
  /// @param account what is counted, as the kernel spells it: `io_service_bytes_recursive` (v1),
  ///   `rbytes` (v2)
  /// @param operation `Read`, `Write` …; empty where `account` says it
  public record BlockIo(String account, long major, long minor, String operation, long count) {}

  /// Huge pages of one size, in bytes.
  ///
  /// @param pageSize as the kernel spells it: `2MB`
  /// @param peak the most there had been, 0 if not known
  /// @param limit the largest long is none; 0 allows none at all
  /// @param limitHits how often an allocation met the limit
  public record HugePages(String pageSize, long usage, long peak, long limit, long limitHits) {}

  /// How long tasks of the container waited for a resource.
  ///
  /// @param some at least one of them
  /// @param full all of them at the same time
  public record Pressure(Share some, Optional<Share> full) {
    /// A share of the time.
    ///
    /// @param avg10 percent of the last ten seconds; the others likewise
    /// @param totalMicros since the container's start
    public record Share(double avg10, double avg60, double avg300, long totalMicros) {}
  }
}
