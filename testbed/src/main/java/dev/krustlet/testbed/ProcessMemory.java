package dev.krustlet.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What processes cost.
public final class ProcessMemory {
  private ProcessMemory() {}

  /// The proportional set size: the memory of a process, each shared page divided among those that
  /// share it. Of several processes it may be added up.
  ///
  /// @return bytes
  public static long pss(long pid) throws IOException {
    Path rollup = Path.of("/proc", Long.toString(pid), "smaps_rollup");
    return Files.readAllLines(rollup).stream()
        .filter(line -> line.startsWith("Pss:"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(kibibytes -> Long.parseLong(kibibytes) * 1024)
        .findFirst()
        .orElseThrow(() -> new IOException(rollup + " has no line Pss"));
  }
}
