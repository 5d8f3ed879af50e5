package dev.krustlet.shim.policy;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A part of WebAssembly beyond its first version that a node may do without.
public enum WasmFeature {
  THREADS,
  GC,
  EXCEPTIONS,
  TAIL_CALLS,
  MEMORY64,
  SIMD;

  /// Its name as people write it.
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The feature of that name.
  ///
  /// @throws IllegalArgumentException with a sentence that says which there are
  public static WasmFeature parse(String text) {
    return Stream.of(values())
        .filter(feature -> feature.key().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'%s' is no feature; there are %s"
                    .formatted(
                        text,
                        Stream.of(values())
                            .map(WasmFeature::key)
                            .collect(Collectors.joining(", ")))));
  }
}
