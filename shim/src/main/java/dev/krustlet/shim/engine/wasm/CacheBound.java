package dev.krustlet.shim.engine.wasm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Keeps a cache directory below a size: what was used longest ago goes first. A module that runs
/// keeps its file until it ends, for a mapped file lives on without its name.
record CacheBound(Path directory, long maxBytes) {
  private record Entry(Path code, Path sum, long size, long used) {}

  void enforce() throws IOException {
    List<Entry> entries;
    try (Stream<Path> files = Files.list(directory)) {
      entries =
          files
              .filter(file -> file.toString().endsWith(".cwasm"))
              .map(CacheBound::entry)
              .sorted(Comparator.comparingLong(Entry::used))
              .toList();
    }
    long total = entries.stream().mapToLong(Entry::size).sum();
    for (Entry entry : entries.subList(0, Math.max(0, entries.size() - 1))) { // the newest stays
      if (total <= maxBytes) {
        return;
      }
      Files.deleteIfExists(entry.code());
      Files.deleteIfExists(entry.sum());
      total -= entry.size();
    }
  }

  private static Entry entry(Path code) {
    String name = code.getFileName().toString();
    Path sum = code.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".sum");
    try {
      return new Entry(code, sum, Files.size(code), Files.getLastModifiedTime(sum).toMillis());
    } catch (NoSuchFileException _) {
      return new Entry(code, sum, 0, 0); // half gone already
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
