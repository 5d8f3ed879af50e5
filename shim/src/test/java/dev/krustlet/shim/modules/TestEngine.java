package dev.krustlet.shim.modules;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

/// What the build made before: the engine's program and the examples.
public final class TestEngine {
  private TestEngine() {}

  public static EngineProgram program(boolean root) {
    Path binary = Path.of("../engine/target/release/krustlet-engine").toAbsolutePath().normalize();
    assertThat(binary).as("the engine, which the module engine builds").isExecutable();
    return new EngineProgram(binary, root, false);
  }

  /// A guest of the engine's own tests.
  public static Path guest(String name) {
    return Path.of("../engine/tests/guests", name, name + ".wasm").toAbsolutePath().normalize();
  }

  public static Path example(String name) {
    return Path.of("../examples", name, name + ".wasm").toAbsolutePath().normalize();
  }
}
