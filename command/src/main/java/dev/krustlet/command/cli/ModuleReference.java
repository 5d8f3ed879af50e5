package dev.krustlet.command.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/// A module as the command line names it: a file, and the function to call if it is not what the
/// module is made for.
///
/// @param name as the user wrote it
/// @param export empty for what the module is made for
record ModuleReference(String name, Path file, String export) {
  private static final char SEPARATOR = '#';

  /// Reads `FILE` or `FILE#EXPORT`. A file that has the whole text for its name goes first, as it
  /// does in a container.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  static ModuleReference parse(String text) {
    int separator = text.lastIndexOf(SEPARATOR);
    if (separator <= 0 || Files.exists(Path.of(text))) {
      return new ModuleReference(text, Path.of(text), "");
    }
    String export = text.substring(separator + 1);
    if (export.isEmpty()) {
      throw new IllegalArgumentException("'%s' names no function after #".formatted(text));
    }
    return new ModuleReference(text, Path.of(text.substring(0, separator)), export);
  }
}
