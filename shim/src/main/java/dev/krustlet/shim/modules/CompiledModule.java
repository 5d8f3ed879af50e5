package dev.krustlet.shim.modules;

import dev.krustlet.shim.policy.WasmFeature;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/// A module's code, and what of WebAssembly the module needs.
///
/// @param name of the module, for messages
public record CompiledModule(String name, Path code, Set<WasmFeature> needs) {
  public CompiledModule {
    needs = Set.copyOf(needs);
  }

  /// Makes sure that the module needs nothing that it may not use.
  ///
  /// @throws IllegalArgumentException with a sentence that names the module and the feature
  public void check(Set<WasmFeature> allowed) {
    Set<WasmFeature> beyond =
        needs.stream().filter(need -> !allowed.contains(need)).collect(Collectors.toSet());
    if (!beyond.isEmpty()) {
      throw new IllegalArgumentException(
          "`%s` needs of WebAssembly %s, which it may not use here; allowed are: %s"
              .formatted(name, WasmFeature.names(beyond), WasmFeature.names(allowed)));
    }
  }
}
