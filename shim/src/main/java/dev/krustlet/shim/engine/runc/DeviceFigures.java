package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Stats.BlockIo;
import dev.krustlet.shim.engine.Stats.HugePages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a cgroup counts of block devices and of huge pages. A controller that is not there, or a
/// device that nobody counts for, has no figures.
final class DeviceFigures {
  /// The accounts of cgroup v1; the time one is called `time_recursive` in its file.
  private static final List<String> ACCOUNTS =
      List.of(
          "io_service_bytes_recursive",
          "io_serviced_recursive",
          "io_queued_recursive",
          "io_service_time_recursive",
          "io_wait_time_recursive",
          "io_merged_recursive",
          "io_time_recursive",
          "sectors_recursive");

  /// Who counts: the scheduler, if it is one that does, or else the throttle.
  private static final List<String> COUNTERS = List.of("blkio.", "blkio.bfq.", "blkio.throttle.");

  private static final Pattern DEVICE = Pattern.compile("(\\d+):(\\d+)(?: (.*))?");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
  private static final Pattern HUGE =
      Pattern.compile("hugetlb\\.(\\w+)\\.(?:current|usage_in_bytes)");

  private DeviceFigures() {}

  /// @param group a cgroup of the legacy `blkio` hierarchy
  static List<BlockIo> legacyIo(Path group) throws IOException {
    Set<String> files = Set.copyOf(files(group));
    List<BlockIo> counts = new ArrayList<>();
    for (String account : ACCOUNTS) {
      counts.addAll(legacyIo(group, files, account));
    }
    return counts;
  }

  private static List<BlockIo> legacyIo(Path group, Set<String> files, String account)
      throws IOException {
    String name = account.equals("io_time_recursive") ? "time_recursive" : account;
    for (String counter : COUNTERS) {
      if (files.contains(counter + name)) {
        List<BlockIo> counts = new ArrayList<>();
        for (String line : lines(group.resolve(counter + name))) {
          legacyCount(account, line).forEach(counts::add);
        }
        if (!counts.isEmpty()) {
          return counts;
        }
      }
    }
    return List.of();
  }

  /// `8:0 Read 4096`, or `8:0 17`; a line about all devices together begins with a word.
  private static Stream<BlockIo> legacyCount(String account, String line) {
    return device(
            line,
            rest -> {
              int space = rest.lastIndexOf(' ');
              return Map.of(rest.substring(0, Math.max(space, 0)), rest.substring(space + 1));
            })
        .map(one -> new BlockIo(account, one.major, one.minor, one.key, one.count));
  }

  /// @param group a cgroup of the unified hierarchy, whose lines are `8:0 rbytes=1 wbytes=2 …`
  static List<BlockIo> unifiedIo(Path group) throws IOException {
    return lines(group.resolve("io.stat")).stream()
        .flatMap(line -> device(line, DeviceFigures::assignments))
        .map(one -> new BlockIo(one.key, one.major, one.minor, "", one.count))
        .toList();
  }

  private static Map<String, String> assignments(String words) {
    return Stream.of(words.split(" ", -1))
        .map(word -> word.split("=", 2))
        .filter(word -> word.length == 2)
        .collect(Collectors.toMap(word -> word[0], word -> word[1], (_, last) -> last));
  }

  private record Count(long major, long minor, String key, long count) {}

  private static Stream<Count> device(String line, Function<String, Map<String, String>> counts) {
    Matcher device = DEVICE.matcher(line);
    if (!device.matches() || device.group(3) == null) {
      return Stream.empty();
    }
    long major = Long.parseLong(device.group(1));
    long minor = Long.parseLong(device.group(2));
    return counts.apply(device.group(3)).entrySet().stream()
        .filter(count -> NUMBER.matcher(count.getValue()).matches())
        .map(count -> new Count(major, minor, count.getKey(), Long.parseLong(count.getValue())));
  }

  /// @param group a cgroup of the unified hierarchy, or of the legacy `hugetlb` one
  static List<HugePages> hugePages(Path group) throws IOException {
    List<HugePages> sizes = new ArrayList<>();
    for (String file : files(group)) {
      Matcher size = HUGE.matcher(file);
      if (size.matches()) {
        Path base = group.resolve("hugetlb." + size.group(1));
        sizes.add(
            new HugePages(
                size.group(1),
                CgroupFiles.number(group.resolve(file)),
                CgroupFiles.number(Path.of(base + ".max_usage_in_bytes")),
                CgroupFiles.number(Path.of(base + ".max")),
                CgroupFiles.number(Path.of(base + ".failcnt"))));
      }
    }
    return sizes;
  }

  private static List<String> files(Path group) throws IOException {
    try (Stream<Path> files = Files.list(group)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException _) {
      return List.of();
    }
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }
}
