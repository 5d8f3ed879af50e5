package dev.krustlet.command.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/// The portable engine of an installation: classes of wasmtime-java, and the machine code of this
/// platform out of its jar.
///
/// @param directory what a JVM of its own has on its class path and its library path
record PortableEngine(Path directory) {
  /// The release inside of wasmtime-java, which does not tell it.
  static final String WASMTIME = "7.0.1";

  private static final String LIBRARY = System.mapLibraryName("wasmtime_jni");

  /// Makes sure that it is there.
  void check() throws CommandException {
    Path library = directory.resolve(LIBRARY);
    if (!Files.isReadable(library)) {
      throw new CommandException(
          ExitStatus.UNAVAILABLE,
          "the portable engine %s is missing: the installation is not whole".formatted(library));
    }
  }

  /// Name and version of what makes Wasmtime usable from Java.
  String binding() throws CommandException, IOException {
    check();
    var properties = new Properties();
    try (InputStream in =
        Files.newInputStream(directory.resolve("wasmtime-java-meta.properties"))) {
      properties.load(in);
    }
    return "wasmtime-java " + properties.getProperty("jnilib.version", "unknown");
  }
}
