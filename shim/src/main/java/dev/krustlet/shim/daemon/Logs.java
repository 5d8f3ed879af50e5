package dev.krustlet.shim.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.FileHandler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/// Where the daemon's log goes: two files of 4 MiB that take turns, in the node's log directory.
final class Logs {
  private static final int BYTES = 4 << 20;
  private static final int FILES = 2;

  private Logs() {}

  /// Sends everything logged from now on to `krustlet-NAMESPACE.N.log`.
  static void toDirectory(Path directory, String namespace, boolean debug) throws IOException {
    System.setProperty(
        "java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n");
    Files.createDirectories(directory);
    var handler =
        new FileHandler(
            directory.resolve("krustlet-" + namespace + ".%g.log").toString(), BYTES, FILES, true);
    handler.setFormatter(new SimpleFormatter());
    handler.setLevel(Level.ALL);
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.addHandler(handler);
    root.setLevel(Level.INFO);
    OURS.setLevel(debug ? Level.FINE : Level.INFO);
  }

  /// Held here, for a logger that nobody holds forgets its level.
  private static final Logger OURS = Logger.getLogger("dev.krustlet");
}
