package dev.krustlet.command.cli;

/// The engines that `krustlet run` can use.
enum EngineKind {
  NATIVE,
  PORTABLE;

  /// Reads the name of an engine.
  ///
  /// @throws IllegalArgumentException with a sentence that names both
  static EngineKind parse(String text) {
    return switch (text) {
      case "native" -> NATIVE;
      case "portable" -> PORTABLE;
      default -> throw new IllegalArgumentException("--engine is native or portable, not " + text);
    };
  }
}
