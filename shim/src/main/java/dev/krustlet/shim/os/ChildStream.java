package dev.krustlet.shim.os;

import java.nio.file.Path;

/// What a program gets as one of its standard streams.
public sealed interface ChildStream {
  /// Nothing to read, and nobody who hears.
  ChildStream NULL = new File(Path.of("/dev/null"));

  /// A pipe to [ChildProcess].
  ChildStream PIPE = new Pipe();

  /// For stderr: whatever stdout is.
  ChildStream OUTPUT = new Output();

  /// A file by a path whose owner is trusted. One to be written is made if it is missing and
  /// emptied if it is not.
  record File(Path path) implements ChildStream {}

  /// See [#PIPE].
  record Pipe() implements ChildStream {}

  /// See [#OUTPUT].
  record Output() implements ChildStream {}
}
