package dev.krustlet.shim.modules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// All that is in a cache, whichever engine compiled it. Other processes may add and remove
/// meanwhile.
///
/// @param cache the directory that has one for each engine
public record CacheContents(Path cache) {
  private static final Pattern CODE = Pattern.compile("([0-9a-f]{64})\\.cwasm");

  /// The compiled modules, in no order; none if there is no cache yet.
  public List<CachedModule> modules() throws IOException {
    List<CachedModule> modules = new ArrayList<>();
    for (Path directory : engines()) {
      for (Path file : entries(directory)) {
        var name = CODE.matcher(file.getFileName().toString());
        if (name.matches()) {
          modules.add(CachedModule.of(directory, name.group(1)));
        }
      }
    }
    return modules;
  }

  /// Removes what processes left half written that were killed.
  public void sweep() throws IOException {
    for (Path directory : engines()) {
      Drafts.in(directory).sweep();
    }
  }

  /// What has to go so that no more than so many bytes are left.
  ///
  /// @param modules in the order in which they go
  public static List<CachedModule> beyond(long maxBytes, List<CachedModule> modules, Instant now) {
    long total = modules.stream().mapToLong(CachedModule::bytes).sum();
    List<CachedModule> beyond = new ArrayList<>();
    for (CachedModule each : modules) {
      if (total > maxBytes && !each.isAtHand(now)) {
        beyond.add(each);
        total -= each.bytes();
      }
    }
    return beyond;
  }

  private List<Path> engines() throws IOException {
    return entries(cache).stream().filter(Files::isDirectory).toList();
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }
}
