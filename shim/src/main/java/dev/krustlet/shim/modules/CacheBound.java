package dev.krustlet.shim.modules;

import java.io.IOException;
import java.time.Instant;
import java.util.Set;

/// Keeps a cache below a size, whichever engines compiled what is in it: what the engine of today
/// has no use for goes first, and then what was used longest ago.
///
/// @param engine hash of the engine of today
record CacheBound(CacheContents contents, String engine, long maxBytes) {
  void enforce() throws IOException {
    var modules = contents.modules().stream().sorted(CachedModule.leaving(Set.of(engine))).toList();
    for (CachedModule each : CacheContents.beyond(maxBytes, modules, Instant.now())) {
      each.remove();
    }
  }
}
