package dev.krustlet.shim.settings;

import java.nio.file.Files;
import java.nio.file.Path;

/// The directory of an installation, laid out as the distribution is.
public record Home(Path directory) {
  /// The one that this process was started from; the scripts that start Java tell it.
  public static Home current() {
    return new Home(Path.of(System.getProperty("krustlet.home", ".")).toAbsolutePath());
  }

  /// The engine's program.
  public Path engine() {
    return directory.resolve("krustlet-engine");
  }

  /// Classes and machine code of the portable engine.
  public Path portable() {
    return directory.resolve("lib/portable");
  }

  /// Whether the installation was built without the engine's program. One that has lost it is not
  /// taken for such: it would run guests on the portable engine unasked.
  public boolean portableAlone() {
    return Files.exists(portable().resolve("alone"));
  }

  /// The file that names the version of the installation.
  public Path version() {
    return directory.resolve("version");
  }
}
