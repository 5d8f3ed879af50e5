package dev.krustlet.ttrpc;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a call brings besides its message.
///
/// @param metadata keys in lower case, each with its values in order
/// @param deadline when the caller stops waiting; the handler's thread is interrupted then
public record CallContext(Map<String, List<String>> metadata, Optional<Instant> deadline) {
  /// The first value of that key.
  public Optional<String> metadata(String key) {
    return metadata.getOrDefault(key, List.of()).stream().findFirst();
  }
}
