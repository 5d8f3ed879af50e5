package dev.krustlet.command.cli;

import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.settings.Home;
import dev.krustlet.shim.settings.NodeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The installed krustlet that this command is part of.
///
/// @param program the engine in it, as it is without settings
/// @param cache where compiled modules are, asked only when one is needed
record Installation(Home home, EngineProgram program, CacheSource cache) {
  /// Reads where compiled modules are kept, and for which engine.
  interface CacheSource {
    CachePlace read() throws IOException;
  }

  /// A directory of compiled modules.
  ///
  /// @param maxBytes the most they may take
  /// @param wasi3 whether the engine runs components of WASI 0.3, where no command asks for it
  record CachePlace(Path directory, long maxBytes, boolean wasi3) {}

  /// The one that this process was started from. Root shares the node's cache, others have one of
  /// their own.
  static Installation current() throws IOException {
    var home = Home.current();
    boolean root = Processes.uid() == 0;
    var program = new EngineProgram(home.engine(), root, false);
    return new Installation(
        home, program, root ? Installation::cacheOfNode : Installation::cacheOfUser);
  }

  /// The engine that takes a module when none is named.
  EngineKind usual() {
    return home.portableAlone() ? EngineKind.PORTABLE : EngineKind.NATIVE;
  }

  PortableEngine portable() {
    return new PortableEngine(home.portable());
  }

  /// The engine, as the settings have it.
  ///
  /// @throws CommandException if it is not there
  EngineProgram engine() throws CommandException, IOException {
    return engine(false);
  }

  /// The same, which runs components of WASI 0.3 also if the command asks for that.
  EngineProgram engine(boolean wasi3) throws CommandException, IOException {
    EngineProgram whole = whole();
    return whole.withWasi3(wasi3 || cache.read().wasi3());
  }

  private EngineProgram whole() throws CommandException {
    if (home.portableAlone()) {
      throw new CommandException(
          ExitStatus.UNAVAILABLE,
          "this krustlet was built without krustlet-engine; its portable engine is for `run` alone");
    }
    if (!Files.isExecutable(program.binary())) {
      throw new CommandException(
          ExitStatus.UNAVAILABLE,
          "the engine %s is missing: the installation is not whole".formatted(program.binary()));
    }
    return program;
  }

  /// Krustlet's own version.
  String version() throws CommandException {
    Path file = home.version();
    try {
      return Files.readString(file).strip();
    } catch (IOException _) {
      throw new CommandException(
          ExitStatus.UNAVAILABLE,
          "%s cannot be read: the installation is not whole".formatted(file));
    }
  }

  private static CachePlace cacheOfNode() throws IOException {
    NodeSettings settings =
        NodeSettings.read(NodeSettings.file(System.getenv(NodeSettings.FILE_VARIABLE)));
    return new CachePlace(settings.cacheDirectory(), settings.cacheBytes(), settings.wasi3());
  }

  private static CachePlace cacheOfUser() {
    return new CachePlace(
        userCacheBase(System.getenv("XDG_CACHE_HOME"), System.getenv("HOME")).resolve("krustlet"),
        NodeSettings.DEFAULT.cacheBytes(),
        NodeSettings.DEFAULT.wasi3());
  }

  /// The base directory for caches of a user; what is not absolute does not count.
  static Path userCacheBase(@Nullable String xdgCacheHome, @Nullable String home) {
    if (xdgCacheHome != null && xdgCacheHome.startsWith("/")) {
      return Path.of(xdgCacheHome);
    }
    boolean hasHome = home != null && home.startsWith("/");
    return Path.of(hasHome ? home : System.getProperty("user.home"), ".cache");
  }
}
