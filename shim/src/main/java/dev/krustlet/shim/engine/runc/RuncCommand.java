package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Signals;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.RuntimeLog;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.os.Reaper;
import dev.krustlet.shim.os.Spawn;
import dev.krustlet.shim.os.Uninterrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// How the runtime's program is called for one container: from its bundle, with a log of its own
/// for each call, since calls may overlap and the last error of that log is the reason.
final class RuncCommand {
  /// What calls of all containers share.
  ///
  /// @param reaper waits for the runtime's processes
  record Node(String namespace, Reaper reaper, RuntimePath programs, Inheritance inheritance) {}

  private static final String DEFAULT_ROOT = "/run/containerd/runc";
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /// Of the verbs that run hooks, or write all of a container's memory to a disk.
  private static final Duration LONG_DEADLINE = Duration.ofMinutes(15);

  private static final Set<String> LONG_VERBS = Set.of("create", "start", "delete", "checkpoint");

  private final RuntimeOptions options;
  private final Node node;
  private final String binary;
  private final Path root;
  private final Path bundle;
  private final String path;
  private final String id;
  private final AtomicLong calls = new AtomicLong();

  RuncCommand(RuntimeOptions options, Node node, Path bundle, String id) throws IOException {
    this.options = options;
    this.node = node;
    this.binary = options.binaryName().isEmpty() ? "runc" : options.binaryName();
    this.root = Path.of(options.root().isEmpty() ? DEFAULT_ROOT : options.root(), node.namespace);
    this.bundle = bundle;
    this.path = node.programs.of(bundle);
    this.id = id;
  }

  /// Along which the runtime looks for its own helpers.
  String path() {
    return path;
  }

  /// What it takes to reach the container without us.
  String trace() {
    return "%s\n%s\n%s\n".formatted(binary, root, options.systemdCgroup() ? "systemd-cgroup" : "");
  }

  /// Runs the runtime to its own end. A caller that gives up meanwhile finds its thread
  /// interrupted.
  void run(String verb, List<String> arguments) throws TaskException {
    run(Streams.NONE, verb, arguments);
  }

  /// @param input what the runtime reads from its stdin
  void run(String input, String verb, List<String> arguments) throws TaskException {
    try {
      Path file = Files.createTempFile(place(), "input-" + id, ".json");
      try {
        Files.writeString(file, input);
        run(Streams.NONE.reading(file), verb, arguments);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw failed(verb, e);
    }
  }

  void run(Streams streams, String verb, List<String> arguments) throws TaskException {
    Path place = place();
    Path log = place.resolve("log-%s-%d.json".formatted(id, calls.incrementAndGet()));
    try {
      var command = node.inheritance.before(command(log, verb, arguments));
      int pid = streams.with(new Spawn(command, List.of("PATH=" + path), place)::start);
      await(pid, verb, log);
    } catch (IOException e) {
      throw failed(verb, e);
    }
  }

  private TaskException failed(String verb, IOException e) {
    return new TaskException(
        Code.UNKNOWN, "cannot run %s %s: %s".formatted(binary, verb, e.getMessage()), e);
  }

  /// The bundle; once containerd has taken it away, the place of what the runtime itself keeps.
  private Path place() {
    return Files.isDirectory(bundle) ? bundle : root;
  }

  private List<String> command(Path log, String verb, List<String> arguments) throws TaskException {
    String program = node.programs.find(binary, path).toString();
    List<String> command = new ArrayList<>(List.of(program, "--root", root.toString()));
    command.addAll(List.of("--log", log.toString(), "--log-format", "json"));
    if (options.systemdCgroup()) {
      command.add("--systemd-cgroup");
    }
    command.add(verb);
    command.addAll(arguments);
    return command;
  }

  private void await(int pid, String verb, Path log) throws TaskException, IOException {
    Duration deadline = LONG_VERBS.contains(verb) ? LONG_DEADLINE : DEADLINE;
    try {
      int status = status(node.reaper.watch(pid), deadline);
      if (status != 0) {
        throw failure(verb, status, log);
      }
    } catch (TimeoutException e) {
      node.reaper.kill(pid, Signals.KILL);
      throw new TaskException(
          Code.UNKNOWN, "%s %s %s did not end within %s".formatted(binary, verb, id, deadline), e);
    } finally {
      Files.deleteIfExists(log);
    }
  }

  /// The exit status of a process that ends in time. An interrupt is kept for later: killed
  /// halfway, the runtime would leave processes that nobody knows.
  private static int status(CompletableFuture<Integer> exit, Duration within)
      throws TimeoutException {
    try {
      return Uninterrupted.get(exit, within);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a process's exit is told by a status alone", e);
    }
  }

  private TaskException failure(String verb, int status, Path log) throws IOException {
    String reason = RuntimeLog.lastError(log).orElse("status " + status);
    return new TaskException(Code.UNKNOWN, "%s %s %s: %s".formatted(binary, verb, id, reason));
  }
}
