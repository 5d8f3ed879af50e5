package dev.krustlet.shim.modules;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.os.ChildProcess;
import dev.krustlet.shim.os.ChildStream;
import dev.krustlet.shim.os.Spawn;
import dev.krustlet.shim.policy.WasmFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Compiles modules in a helper process that reads the module on stdin, writes code on stdout, and
/// is given nothing else: no files, no identity, no environment. One at a time for each core.
final class Compiler {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final int BAD_MODULE = 65; // EX_DATAERR
  private static final int CPU_TIME = 128 + 24; // SIGXCPU
  private static final int FILE_SIZE = 128 + 25; // SIGXFSZ
  private static final int MAX_SENTENCE = 8 << 10;
  private static final String FEATURES = "features=";
  private static final long MAX_CODE = 1L << 30;
  private static final String NOBODY = "65534:65534";

  private final EngineProgram engine;
  private final Semaphore cores = new Semaphore(Runtime.getRuntime().availableProcessors());

  Compiler(EngineProgram engine) {
    this.engine = engine;
  }

  /// Compiles a module into a file, and tells what of WebAssembly it needs.
  ///
  /// @param name of the module, for messages
  Set<WasmFeature> compile(Path module, Path output, String name)
      throws TaskException, IOException, InterruptedException {
    cores.acquire();
    try {
      return run(start(module, output), name);
    } finally {
      cores.release();
    }
  }

  private static Set<WasmFeature> run(Process helper, String name)
      throws TaskException, IOException, InterruptedException {
    var late = new AtomicBoolean();
    var watch =
        CompletableFuture.runAsync(
            () -> {
              late.set(helper.isAlive());
              helper.destroyForcibly();
            },
            CompletableFuture.delayedExecutor(DEADLINE.toSeconds(), TimeUnit.SECONDS));
    try {
      String sentence =
          new String(helper.getErrorStream().readNBytes(MAX_SENTENCE), StandardCharsets.UTF_8)
              .strip();
      int status = helper.waitFor();
      judge(
          status, late.get() ? "it took more than " + DEADLINE.toSeconds() + " s" : sentence, name);
      return needs(sentence, name);
    } finally {
      watch.cancel(false);
      helper.destroyForcibly();
    }
  }

  private Process start(Path module, Path output) throws IOException {
    List<String> command = new ArrayList<>(engine.command("compile"));
    command.addAll(List.of("--output", Long.toString(MAX_CODE)));
    if (engine.root()) {
      command.addAll(List.of("--user", NOBODY));
    }
    Process helper =
        ChildProcess.start(
            Spawn.here(command, List.of()),
            new ChildStream.File(module),
            new ChildStream.File(output),
            ChildStream.PIPE);
    OomScore.COMPILER.give(helper);
    return helper;
  }

  private static Set<WasmFeature> needs(String sentence, String name) throws TaskException {
    try {
      if (sentence.startsWith(FEATURES)) {
        return WasmFeature.parseNames(sentence.substring(FEATURES.length()));
      }
    } catch (IllegalArgumentException _) {
      // told below
    }
    throw new TaskException(
        Code.UNKNOWN,
        "`%s`: the compiler does not say what the module needs but '%s': the installation is mixed"
            .formatted(name, sentence));
  }

  private static void judge(int status, String sentence, String name) throws TaskException {
    if (status != 0) {
      throw new TaskException(
          status == BAD_MODULE ? Code.INVALID_ARGUMENT : Code.UNKNOWN,
          "`%s` does not compile: %s"
              .formatted(name, sentence.isEmpty() ? cause(status) : sentence));
    }
  }

  private static String cause(int status) {
    return switch (status) {
      case CPU_TIME -> "it took too much CPU time";
      case FILE_SIZE -> "its machine code is larger than %d bytes".formatted(MAX_CODE);
      default -> "the compiler ended with status " + status;
    };
  }
}
