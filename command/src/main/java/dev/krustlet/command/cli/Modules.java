package dev.krustlet.command.cli;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.modules.CompiledModule;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.modules.ModuleCache;
import dev.krustlet.shim.os.Fd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Modules named on the command line, and their compiled form out of the cache.
record Modules(Installation installation) {
  /// The compiled form of a module, which is made now if the cache has none.
  CompiledModule compiled(Path file, EngineProgram engine)
      throws CommandException, IOException, InterruptedException {
    check(file);
    var cache = cache(engine);
    try (var module = Fd.openTrusted(file)) {
      return cache.compiled(module, file.toString());
    } catch (TaskException e) {
      throw new CommandException(status(e.code()), String.valueOf(e.getMessage()));
    }
  }

  /// The cache, as this engine uses it.
  ModuleCache cache(EngineProgram engine)
      throws CommandException, IOException, InterruptedException {
    return open(installation.cache().read(), engine, EngineVersion.of(engine).hash());
  }

  private static ModuleCache open(
      Installation.CachePlace place, EngineProgram engine, String engineHash)
      throws CommandException {
    try {
      return ModuleCache.open(place.directory(), engineHash, engine, place.maxBytes());
    } catch (IOException e) {
      throw new CommandException(
          ExitStatus.IO_ERROR,
          "the cache %s cannot be made: %s (XDG_CACHE_HOME names another place)"
              .formatted(place.directory(), Failures.cause(e)));
    }
  }

  /// Makes sure that there is a file to read.
  static void check(Path file) throws CommandException {
    check(file, "module");
  }

  /// @param what the file is to be, for messages
  static void check(Path file, String what) throws CommandException {
    if (!Files.exists(file)) {
      throw refused(what, file, "there is no such file");
    }
    if (!Files.isRegularFile(file)) {
      throw refused(
          what, file, Files.isDirectory(file) ? "it is a directory" : "it is no regular file");
    }
    if (!Files.isReadable(file)) {
      throw refused(what, file, "it may not be read");
    }
  }

  private static CommandException refused(String what, Path file, String why) {
    return new CommandException(
        ExitStatus.NO_INPUT, "the %s '%s' cannot be read: %s".formatted(what, file, why));
  }

  /// What the command ends with.
  static int status(TaskException.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION, UNIMPLEMENTED -> ExitStatus.BAD_MODULE;
      case UNAVAILABLE -> ExitStatus.UNAVAILABLE;
      default -> ExitStatus.INTERNAL;
    };
  }
}
