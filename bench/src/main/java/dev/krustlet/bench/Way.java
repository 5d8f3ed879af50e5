package dev.krustlet.bench;

import dev.krustlet.testbed.PrivateContainerd;
import java.util.List;
import java.util.Locale;

/// The ways to run a container that are compared.
enum Way {
  KRUSTLET_WASM("wasm through Krustlet", PrivateContainerd.RUNTIME),
  KRUSTLET_NATIVE("native through Krustlet", PrivateContainerd.RUNTIME),
  RUNC_NATIVE("native through the runc shim", "io.containerd.runc.v2");

  private final String words;
  private final String runtime;

  Way(String words, String runtime) {
    this.words = words;
    this.runtime = runtime;
  }

  String words() {
    return words;
  }

  /// As containerd calls it.
  String runtime() {
    return runtime;
  }

  /// For the names of figures.
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Does next to nothing and ends.
  List<String> brief() {
    return this == KRUSTLET_WASM ? List.of(Image.HELLO) : List.of(Image.BUSYBOX, "true");
  }

  /// Sleeps for longer than anybody measures.
  List<String> sleeper() {
    return this == KRUSTLET_WASM
        ? List.of(Image.COUNTER, "--interval", "1000000000")
        : List.of(Image.BUSYBOX, "sleep", "1000000");
  }
}
