package dev.krustlet.shim.engine.wasm;

import dev.krustlet.shim.engine.CallerPath;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.oci.Hooks.Hook;
import dev.krustlet.shim.oci.SearchPath;
import dev.krustlet.shim.os.ChildProcess;
import dev.krustlet.shim.os.ChildStream;
import dev.krustlet.shim.os.Spawn;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One program of a container's hooks, run as runc runs it: the state on its standard input, the
/// bundle as its directory, no environment but its own.
///
/// The engine's program takes the name that the hook is to know itself by, and becomes the hook.
record HookProgram(EngineProgram engine, Hook hook) {
  /// What runc itself is given for all it does.
  private static final int DEFAULT_SECONDS = 60;

  private static final int MAX_SAID = 4 << 10;

  /// How long the rest of its output may take, which others may hold open.
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  int seconds() {
    return Objects.requireNonNullElse(hook.timeout(), DEFAULT_SECONDS);
  }

  List<String> command() {
    List<String> words =
        new ArrayList<>(List.of(engine.binary().toString(), "hook", hook.path(), "--"));
    words.addAll(hook.args().isEmpty() ? List.of(hook.path()) : hook.args());
    return words;
  }

  /// Runs it to its end.
  ///
  /// @throws IOException if it fails; says how, and what it has said
  void run(Path bundle, String state) throws IOException, InterruptedException {
    Path directory = Files.isDirectory(bundle) ? bundle : Path.of("/");
    var program = new Spawn(command(), environment(bundle), directory);
    Process process =
        ChildProcess.start(program, ChildStream.PIPE, ChildStream.PIPE, ChildStream.OUTPUT);
    try {
      Thread.ofPlatform().daemon().name("hook-input").start(() -> feed(process, state));
      var said = said(process.getInputStream());
      if (!process.waitFor(seconds(), TimeUnit.SECONDS)) {
        throw new IOException("it ran past its time-out of %d s".formatted(seconds()));
      }
      String words = await(said);
      if (process.exitValue() != 0) {
        throw new IOException("status %d%s".formatted(process.exitValue(), words));
      }
    } finally {
      if (process.isAlive()) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }
  }

  /// A hook without an environment has a PATH, as runc's hooks have.
  private List<String> environment(Path bundle) throws IOException {
    if (!hook.env().isEmpty()) {
      return hook.env().stream().filter(each -> each.indexOf('=') > 0).toList();
    }
    return List.of("PATH=" + CallerPath.of(bundle).orElse(SearchPath.DEFAULT));
  }

  private static void feed(Process process, String state) {
    try (var stdin = process.getOutputStream()) {
      stdin.write(state.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // it does not want to know
    }
  }

  /// The beginning of what it says; the rest is read and dropped, so that it never waits for a
  /// reader. What it leaves running may hold its output open, and this thread with it.
  private static CompletableFuture<String> said(InputStream output) {
    var said = new CompletableFuture<String>();
    Thread.ofPlatform()
        .daemon()
        .name("hook-output")
        .start(() -> {
          try (output) {
            String words = new String(output.readNBytes(MAX_SAID), StandardCharsets.UTF_8);
            said.complete(words.isBlank() ? "" : ": " + oneLine(words));
            output.transferTo(OutputStream.nullOutputStream());
          } catch (IOException e) {
            said.complete(": its output cannot be read, " + e.getMessage());
          }
        });
    return said;
  }

  private static String oneLine(String words) {
    return words.strip().replaceAll("\\s+", " ");
  }

  private static String await(CompletableFuture<String> said) throws InterruptedException {
    try {
      return said.get(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException _) {
      return "";
    }
  }
}
