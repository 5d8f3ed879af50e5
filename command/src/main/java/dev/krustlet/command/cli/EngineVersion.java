package dev.krustlet.command.cli;

import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.os.ChildProcess;
import dev.krustlet.shim.os.ChildStream;
import dev.krustlet.shim.os.Spawn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Who the installed engine says it is.
///
/// @param engine version of `krustlet-engine`
/// @param wasmtime version of Wasmtime in it
/// @param hash names everything that compiled code depends on; equal hashes share a cache
record EngineVersion(String engine, String wasmtime, String hash) {
  private static final int MAX_ANSWER = 64 << 10;

  /// Asks the engine.
  static EngineVersion of(EngineProgram program)
      throws IOException, InterruptedException, CommandException {
    var version = Spawn.here(program.command("version"), List.of());
    Process process =
        ChildProcess.start(version, ChildStream.NULL, ChildStream.PIPE, ChildStream.NULL);
    try (var in = process.getInputStream()) {
      var answer = new String(in.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new CommandException(
            ExitStatus.INTERNAL,
            "the engine %s does not tell its version: it ended with status %d"
                .formatted(program.binary(), status));
      }
      return parse(answer);
    } finally {
      process.destroyForcibly();
    }
  }

  static EngineVersion parse(String answer) throws CommandException {
    Map<String, String> values = new HashMap<>();
    for (String line : answer.lines().toList()) {
      String[] pair = line.split("=", 2);
      if (pair.length == 2) {
        values.put(pair[0], pair[1]);
      }
    }
    return new EngineVersion(
        required(values, "engine_version"),
        required(values, "wasmtime_version"),
        required(values, "engine_hash"));
  }

  private static String required(Map<String, String> values, String key) throws CommandException {
    String value = values.get(key);
    if (value == null) {
      throw new CommandException(
          ExitStatus.INTERNAL,
          "the engine's version has no %s: the installation is mixed".formatted(key));
    }
    return value;
  }
}
