package dev.krustlet.shim.modules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Set;

/// One compiled module in a cache.
///
/// @param engine hash of the engine that compiled it
/// @param digest SHA-256 of the module's bytes, in hexadecimal
/// @param bytes size of the machine code
/// @param used when it was last used; the epoch if nobody knows
public record CachedModule(Path directory, String engine, String digest, long bytes, Instant used) {
  static final String CODE = ".cwasm";
  static final String SUM = ".sum";

  /// How long after its last use it is left alone: somebody may be about to load it.
  private static final Duration AT_HAND = Duration.ofSeconds(5);

  /// What is there of a module; nothing is left of one that another process removes meanwhile.
  static CachedModule of(Path directory, String digest) throws IOException {
    long bytes = sizeOf(directory.resolve(digest + CODE));
    return new CachedModule(
        directory, directory.getFileName().toString(), digest, bytes, usedAt(directory, digest));
  }

  /// The order in which modules go: what other engines compiled first, for the one installed has no
  /// use for it, and then what was used longest ago.
  ///
  /// @param current hashes of the engine that is installed
  public static Comparator<CachedModule> leaving(Set<String> current) {
    return Comparator.comparing((CachedModule each) -> current.contains(each.engine()))
        .thenComparing(CachedModule::used);
  }

  /// Whether it was used so recently that somebody may be about to load it. A time far ahead is
  /// that of a clock that was put back, and does not count.
  public boolean isAtHand(Instant now) {
    return Duration.between(used, now).abs().compareTo(AT_HAND) < 0;
  }

  /// Removes it, unless it was used since we looked. A guest that runs keeps the code, for a mapped
  /// file lives on without its name.
  ///
  /// @return whether it is gone
  public boolean remove() throws IOException {
    if (usedAt(directory, digest).isAfter(used)) {
      return false;
    }
    Files.deleteIfExists(directory.resolve(digest + CODE));
    Files.deleteIfExists(directory.resolve(digest + SUM));
    return true;
  }

  private static long sizeOf(Path code) throws IOException {
    try {
      return Files.size(code);
    } catch (NoSuchFileException _) {
      return 0;
    }
  }

  private static Instant usedAt(Path directory, String digest) throws IOException {
    try {
      return Files.getLastModifiedTime(directory.resolve(digest + SUM)).toInstant();
    } catch (NoSuchFileException _) {
      return Instant.EPOCH;
    }
  }
}
