package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.CheckpointRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.oci.RuntimeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/// The runc program (or another OCI runtime with its command line), for one container.
final class Runc {
  private final RuncCommand command;
  private final RuntimeOptions options;
  private final Path bundle;
  private final String id;

  Runc(RuntimeOptions options, RuncCommand.Node node, Path bundle, String id) throws IOException {
    this.options = options;
    this.command = new RuncCommand(options, node, bundle, id);
    this.bundle = bundle;
    this.id = id;
  }

  Path bundle() {
    return bundle;
  }

  Path pidFile() {
    return bundle.resolve("init.pid");
  }

  /// Opens the streams of one of its processes.
  ///
  /// @param name of the process, for the names of what it takes
  ProcessStdio open(Stdio stdio, String name) throws TaskException, IOException {
    return stdio.terminal()
        ? Terminal.open(stdio, bundle, name)
        : Pipes.open(stdio, options.ioUid(), options.ioGid());
  }

  /// Writes down how to reach the container without us: the launcher's `delete` reads it after a
  /// crash of the daemon.
  ///
  /// @param cgroup the spec's path of it
  void leaveTrace(String cgroup) throws IOException {
    Path draft = bundle.resolve(".runc");
    Files.writeString(draft, command.trace() + cgroup + "\n");
    Files.move(draft, bundle.resolve("runc"), StandardCopyOption.ATOMIC_MOVE);
  }

  /// After an exception the pid file names what there may be to end.
  void create(ProcessStdio stdio) throws TaskException, IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("--bundle", bundle.toString()));
    add(arguments, options.noPivotRoot(), "--no-pivot");
    add(arguments, options.noNewKeyring(), "--no-new-keyring");
    arguments.addAll(withPid(stdio, pidFile()));
    begin("create", stdio, arguments, pidFile());
  }

  /// Runs one more process and does not wait for its end.
  ///
  /// @param process the document of the process
  /// @param pidFile after an exception, names what there may be to end
  void exec(ProcessStdio stdio, Path process, Path pidFile)
      throws TaskException, IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("--process", process.toString(), "--detach"));
    arguments.addAll(withPid(stdio, pidFile));
    begin("exec", stdio, arguments, pidFile);
  }

  private void begin(String verb, ProcessStdio stdio, List<String> arguments, Path pidFile)
      throws TaskException, IOException, InterruptedException {
    Files.deleteIfExists(pidFile); // of an attempt that failed
    command.run(stdio.streams(), verb, arguments);
    if (Thread.interrupted()) {
      throw new InterruptedException("nobody waits any more for %s %s".formatted(verb, id));
    }
  }

  private List<String> withPid(ProcessStdio stdio, Path pidFile) {
    List<String> arguments = new ArrayList<>(List.of("--pid-file", pidFile.toString()));
    // by its bare name: whole paths are too long for a socket's
    stdio
        .consoleSocket()
        .ifPresent(socket ->
            arguments.addAll(List.of("--console-socket", socket.getFileName().toString())));
    arguments.add(id);
    return arguments;
  }

  void start() throws TaskException {
    command.run("start", List.of(id));
  }

  void killAll(int signal) throws TaskException {
    command.run("kill", List.of("--all", id, Integer.toString(signal)));
  }

  void pause() throws TaskException {
    command.run("pause", List.of(id));
  }

  void resume() throws TaskException {
    command.run("resume", List.of(id));
  }

  /// @param resources the new limits as JSON
  void update(String resources) throws TaskException {
    command.run(resources, "update", List.of("--resources", "-", id));
  }

  void checkpoint(CheckpointRequest request) throws TaskException {
    Criu.check("criu", command.path());
    List<String> arguments = new ArrayList<>(List.of("--image-path", request.images().toString()));
    arguments.addAll(
        List.of(
            "--work-path",
            request.work().isEmpty() ? bundle.resolve("criu").toString() : request.work()));
    add(arguments, !request.exit(), "--leave-running");
    add(arguments, request.openTcp(), "--tcp-established");
    add(arguments, request.externalUnixSockets(), "--ext-unix-sk");
    add(arguments, request.terminal(), "--shell-job");
    add(arguments, request.fileLocks(), "--file-locks");
    request.emptyNamespaces().forEach(each -> arguments.addAll(List.of("--empty-ns", each)));
    if (!request.cgroupsMode().isEmpty()) {
      arguments.addAll(List.of("--manage-cgroups-mode", request.cgroupsMode()));
    }
    arguments.add(id);
    command.run("checkpoint", arguments);
  }

  private static void add(List<String> arguments, boolean wanted, String flag) {
    if (wanted) {
      arguments.add(flag);
    }
  }

  void delete() throws TaskException {
    command.run("delete", List.of("--force", id));
  }
}
