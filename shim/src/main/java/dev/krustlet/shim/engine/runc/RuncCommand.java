package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.RuntimeLog;
import dev.krustlet.shim.oci.RuntimeOptions;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// How the runtime's program is called for one container: from its bundle, with a log of its own
/// for each call, since calls may overlap and the last error of that log is the reason.
final class RuncCommand {
  private static final String DEFAULT_ROOT = "/run/containerd/runc";
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final String binary;
  private final Path root;
  private final boolean systemdCgroup;
  private final Path bundle;
  private final String id;
  private final AtomicLong calls = new AtomicLong();

  RuncCommand(RuntimeOptions options, String namespace, Path bundle, String id) {
    this.binary = options.binaryName().isEmpty() ? "runc" : options.binaryName();
    this.root = Path.of(options.root().isEmpty() ? DEFAULT_ROOT : options.root(), namespace);
    this.systemdCgroup = options.systemdCgroup();
    this.bundle = bundle;
    this.id = id;
  }

  /// What it takes to reach the container without us.
  String trace() {
    return "%s\n%s\n%s\n".formatted(binary, root, systemdCgroup ? "systemd-cgroup" : "");
  }

  /// Runs the runtime to its own end. A caller that gives up meanwhile finds its thread
  /// interrupted.
  void run(String verb, List<String> arguments) throws TaskException {
    run(Streams.NONE, "", verb, arguments);
  }

  /// @param input what the runtime reads from its stdin; if empty, that is the streams' own
  void run(Streams streams, String input, String verb, List<String> arguments)
      throws TaskException {
    Path place = place();
    Path log = place.resolve("log-%s-%d.json".formatted(id, calls.incrementAndGet()));
    try {
      var builder =
          new ProcessBuilder(command(log, verb, arguments))
              .directory(place.toFile())
              .redirectInput(input.isEmpty() ? streams.in() : Redirect.PIPE)
              .redirectOutput(streams.out())
              .redirectError(streams.err());
      builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
      await(builder.start(), input, verb, log);
    } catch (IOException e) {
      throw new TaskException(
          Code.UNKNOWN, "cannot run %s %s: %s".formatted(binary, verb, e.getMessage()), e);
    }
  }

  /// The bundle; once containerd has taken it away, the place of what the runtime itself keeps.
  private Path place() {
    return Files.isDirectory(bundle) ? bundle : root;
  }

  private List<String> command(Path log, String verb, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(binary, "--root", root.toString()));
    command.addAll(List.of("--log", log.toString(), "--log-format", "json"));
    if (systemdCgroup) {
      command.add("--systemd-cgroup");
    }
    command.add(verb);
    command.addAll(arguments);
    return command;
  }

  private void await(Process process, String input, String verb, Path log)
      throws TaskException, IOException {
    try {
      feed(process, input);
      if (!ended(process)) {
        throw new TaskException(
            Code.UNKNOWN, "%s %s %s did not end within %s".formatted(binary, verb, id, DEADLINE));
      }
      if (process.exitValue() != 0) {
        throw failure(verb, process.exitValue(), log);
      }
    } finally {
      process.destroyForcibly(); // does nothing to one that has ended
      Files.deleteIfExists(log);
    }
  }

  /// Whether it has ended in time. An interrupt is kept for later: killed halfway, the runtime
  /// would leave processes that nobody knows.
  private static boolean ended(Process process) {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void feed(Process process, String input) {
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // it ended without reading it all, and its status tells how
    }
  }

  private TaskException failure(String verb, int status, Path log) throws IOException {
    String reason = RuntimeLog.lastError(log).orElse("status " + status);
    return new TaskException(Code.UNKNOWN, "%s %s %s: %s".formatted(binary, verb, id, reason));
  }
}
