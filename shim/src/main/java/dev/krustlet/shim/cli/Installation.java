package dev.krustlet.shim.cli;

import dev.krustlet.shim.bootstrap.Config;
import dev.krustlet.shim.engine.wasm.EngineProgram;
import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The installed krustlet that this command is part of.
///
/// @param home its directory
/// @param program the engine in it
/// @param cache where compiled modules are, asked only when one is needed
record Installation(Path home, EngineProgram program, CacheSource cache) {
  /// Reads where compiled modules are kept.
  interface CacheSource {
    CachePlace read() throws IOException;
  }

  /// A directory of compiled modules.
  ///
  /// @param maxBytes the most they may take
  record CachePlace(Path directory, long maxBytes) {}

  /// The one that this process was started from. Root shares the node's cache, others have one of
  /// their own.
  static Installation current() throws IOException {
    Path home = Path.of(System.getProperty("krustlet.home", ".")).toAbsolutePath();
    boolean root = Processes.uid() == 0;
    var program = new EngineProgram(home.resolve("krustlet-engine"), root);
    return new Installation(
        home, program, root ? Installation::cacheOfNode : Installation::cacheOfUser);
  }

  /// The engine that takes a module when none is named.
  EngineKind usual() {
    return portable().alone() ? EngineKind.PORTABLE : EngineKind.NATIVE;
  }

  PortableEngine portable() {
    return PortableEngine.of(home);
  }

  /// The engine's binary.
  ///
  /// @throws CommandException if it is not there
  Path engine() throws CommandException {
    if (portable().alone()) {
      throw new CommandException(
          ExitStatus.UNAVAILABLE,
          "this krustlet was built without krustlet-engine; its portable engine is for `run` alone");
    }
    if (!Files.isExecutable(program.binary())) {
      throw new CommandException(
          ExitStatus.UNAVAILABLE,
          "the engine %s is missing: the installation is not whole".formatted(program.binary()));
    }
    return program.binary();
  }

  /// Krustlet's own version.
  String version() throws CommandException {
    Path file = home.resolve("version");
    try {
      return Files.readString(file).strip();
    } catch (IOException _) {
      throw new CommandException(
          ExitStatus.UNAVAILABLE,
          "%s cannot be read: the installation is not whole".formatted(file));
    }
  }

  private static CachePlace cacheOfNode() throws IOException {
    Config config = Config.read(DaemonMain.configFile());
    return new CachePlace(config.cacheDirectory(), config.cacheBytes());
  }

  private static CachePlace cacheOfUser() {
    return new CachePlace(
        userCacheBase(System.getenv("XDG_CACHE_HOME"), System.getenv("HOME")).resolve("krustlet"),
        Config.DEFAULT.cacheBytes());
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
