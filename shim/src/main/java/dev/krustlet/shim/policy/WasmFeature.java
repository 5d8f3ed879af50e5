package dev.krustlet.shim.policy;

import java.util.Locale;
import java.util.Set;
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

  /// Names with commas between, always in the same order.
  public static String names(Set<WasmFeature> features) {
    return features.stream().sorted().map(WasmFeature::key).collect(Collectors.joining(","));
  }

  /// The features of such names; none of an empty text.
  ///
  /// @throws IllegalArgumentException with a sentence that says which there are
  public static Set<WasmFeature> parseNames(String names) {
    return Stream.of(names.split(","))
        .filter(name -> !name.isEmpty())
        .map(WasmFeature::parse)
        .collect(Collectors.toUnmodifiableSet());
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
