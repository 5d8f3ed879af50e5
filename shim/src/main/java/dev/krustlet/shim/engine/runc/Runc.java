package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.RuntimeLog;
import dev.krustlet.shim.oci.RuntimeOptions;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The runc program (or another OCI runtime with its command line), for one container.
final class Runc {
  /// Where a runtime's streams go.
  record Streams(Redirect in, Redirect out, Redirect err) {
    private static final File NULL = new File("/dev/null");
    static final Streams NONE =
        new Streams(Redirect.from(NULL), Redirect.to(NULL), Redirect.to(NULL));
  }

  private static final String DEFAULT_ROOT = "/run/containerd/runc";
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final String binary;
  private final Path root;
  private final boolean systemdCgroup;
  private final Path bundle;
  private final String id;

  Runc(RuntimeOptions options, String namespace, Path bundle, String id) {
    this.binary = options.binaryName().isEmpty() ? "runc" : options.binaryName();
    this.root = Path.of(options.root().isEmpty() ? DEFAULT_ROOT : options.root(), namespace);
    this.systemdCgroup = options.systemdCgroup();
    this.bundle = bundle;
    this.id = id;
  }

  Path pidFile() {
    return bundle.resolve("init.pid");
  }

  /// Writes down how to reach the container without us: the launcher's `delete` reads it after a
  /// crash of the daemon.
  void leaveTrace() throws IOException {
    Path draft = bundle.resolve(".runc");
    Files.writeString(
        draft, "%s\n%s\n%s\n".formatted(binary, root, systemdCgroup ? "systemd-cgroup" : ""));
    Files.move(draft, bundle.resolve("runc"), StandardCopyOption.ATOMIC_MOVE);
  }

  void create(Streams streams) throws TaskException, InterruptedException {
    run(streams, "create", "--bundle", bundle.toString(), "--pid-file", pidFile().toString(), id);
  }

  void start() throws TaskException, InterruptedException {
    run(Streams.NONE, "start", id);
  }

  void killAll(int signal) throws TaskException, InterruptedException {
    run(Streams.NONE, "kill", "--all", id, Integer.toString(signal));
  }

  void delete() throws TaskException, InterruptedException {
    run(Streams.NONE, "delete", "--force", id);
  }

  private void run(Streams streams, String verb, String... arguments)
      throws TaskException, InterruptedException {
    List<String> command = command(verb, arguments);
    Path log = bundle.resolve("log.json");
    try {
      Files.deleteIfExists(log); // so that an error found there is this call's
      var builder =
          new ProcessBuilder(command)
              .directory(bundle.toFile())
              .redirectInput(streams.in())
              .redirectOutput(streams.out())
              .redirectError(streams.err());
      builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
      await(builder.start(), verb, log);
    } catch (IOException e) {
      throw new TaskException(
          Code.UNKNOWN, "cannot run %s %s: %s".formatted(binary, verb, e.getMessage()), e);
    }
  }

  private List<String> command(String verb, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                binary,
                "--root",
                root.toString(),
                "--log",
                bundle.resolve("log.json").toString(),
                "--log-format",
                "json"));
    if (systemdCgroup) {
      command.add("--systemd-cgroup");
    }
    command.add(verb);
    command.addAll(List.of(arguments));
    return command;
  }

  private void await(Process process, String verb, Path log)
      throws TaskException, IOException, InterruptedException {
    try {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        throw new TaskException(
            Code.UNKNOWN, "%s %s %s did not end within %s".formatted(binary, verb, id, DEADLINE));
      }
    } finally {
      process.destroyForcibly(); // does nothing to one that has ended
    }
    if (process.exitValue() != 0) {
      throw new TaskException(
          Code.UNKNOWN,
          "%s %s %s: %s"
              .formatted(
                  binary,
                  verb,
                  id,
                  RuntimeLog.lastError(log).orElse("status " + process.exitValue())));
    }
  }
}
