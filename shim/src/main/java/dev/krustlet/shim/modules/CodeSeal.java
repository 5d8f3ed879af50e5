package dev.krustlet.shim.modules;

import dev.krustlet.shim.policy.WasmFeature;
import java.util.Optional;
import java.util.Set;

/// What stands beside a module's code in the cache: the hash of the code, and what the module
/// needs.
record CodeSeal(String sum, Set<WasmFeature> needs) {
  private static final char BEHIND_SUM = ' ';

  /// As it is written to a file.
  String text() {
    return sum + BEHIND_SUM + WasmFeature.names(needs);
  }

  /// Reads a file's text, which may be junk.
  static Optional<CodeSeal> parse(String text) {
    int end = text.indexOf(BEHIND_SUM);
    if (end < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new CodeSeal(text.substring(0, end), WasmFeature.parseNames(text.substring(end + 1))));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
