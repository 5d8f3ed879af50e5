package dev.krustlet.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A containerd of our own, with root, state and socket in a [Bed], that finds the distribution on
/// its PATH. The machine's own is left alone.
public final class PrivateContainerd implements AutoCloseable {
  public static final String RUNTIME = "io.containerd.krustlet.v1";

  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /// A service manager gives the soft limit of open files that programs expect, which a JVM raises.
  private static final String AS_A_SERVICE = "ulimit -S -n 1024; umask 022; exec \"$0\" \"$@\"";

  private static final Duration IDLE = Duration.ofSeconds(2);
  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Bed bed;
  private final Installation installation;
  private final String namespace;
  private final Map<String, String> environment;
  private Optional<Command> daemon = Optional.empty();

  private PrivateContainerd(
      Bed bed, Installation installation, String namespace, Map<String, String> environment) {
    this.bed = bed;
    this.installation = installation;
    this.namespace = namespace;
    this.environment = environment;
  }

  /// Starts one without CRI and waits until it answers.
  ///
  /// @param extra variables of containerd's environment, which its shims inherit
  public static PrivateContainerd start(Installation installation, Map<String, String> extra)
      throws IOException, InterruptedException {
    return start(Bed.make(), installation, extra);
  }

  /// The same in a bed that was made before, with file systems of its own perhaps.
  public static PrivateContainerd start(
      Bed bed, Installation installation, Map<String, String> extra)
      throws IOException, InterruptedException {
    return start(
        bed, installation, ContainerdConfig.tasksOnly(bed, installation.configVersion()), extra);
  }

  static PrivateContainerd start(
      Bed bed, Installation installation, ContainerdConfig config, Map<String, String> extra)
      throws IOException, InterruptedException {
    var environment = new HashMap<>(extra);
    environment.put(
        "PATH", "%s:%s:%s".formatted(installation.krustlet(), installation.containerd(), PATH));
    environment.put("JAVA_HOME", System.getProperty("java.home", ""));
    environment.put("KRUSTLET_STATE", bed.path().resolve("k").toString());
    environment.put("KRUSTLET_CONFIG", bed.path().resolve("krustlet.toml").toString());
    var containerd = new PrivateContainerd(bed, installation, config.namespace(), environment);
    containerd.writeConfigs(config);
    try {
      containerd.start();
    } catch (IOException | InterruptedException | RuntimeException e) {
      containerd.close();
      throw e;
    }
    return containerd;
  }

  public Installation installation() {
    return installation;
  }

  public Bed bed() {
    return bed;
  }

  /// Where ctr and CRI have their containers.
  public String namespace() {
    return namespace;
  }

  /// The variables that containerd has, for programs that are to find the same daemon.
  public Map<String, String> environment() {
    return Map.copyOf(environment);
  }

  public Path socket() {
    return bed.path().resolve("c.sock");
  }

  /// Starts it again after [#kill] or [#stop].
  public void start() throws IOException, InterruptedException {
    var words =
        List.of(
            "setsid", // so that a terminal's Ctrl-C leaves it to us
            "sh",
            "-c",
            AS_A_SERVICE,
            installation.containerd().resolve("containerd").toString(),
            "--config",
            bed.path().resolve("containerd.toml").toString());
    daemon = Optional.of(Command.start(words, environment, bed.outputs()));
    Await.until(
        "containerd's answer, see " + bed.outputs(),
        DEADLINE,
        () -> Files.exists(socket()) && ctr("version").status() == 0);
  }

  /// Asks it to end, as a service manager does. Its containers go on.
  public void stop() throws IOException, InterruptedException {
    Command running = daemon.orElseThrow();
    running.process().destroy();
    running.await(DEADLINE);
  }

  /// Ends it without a chance to say goodbye.
  public void kill() throws IOException, InterruptedException {
    Command running = daemon.orElseThrow();
    running.close();
    running.await(DEADLINE);
  }

  /// Sends it a signal by its name without SIG.
  public void signal(String name) throws IOException, InterruptedException {
    daemon.orElseThrow().signal(name);
  }

  /// Runs a container of ours with `ctr run`, its fifos in the bed.
  ///
  /// @param flag `--rm` or `--detach`
  public Finished run(String flag, String image, String id, String... command)
      throws IOException, InterruptedException {
    try (Command run = startRun(flag, image, id, command)) {
      return run.await(DEADLINE).withoutWarnings();
    }
  }

  /// Starts `ctr run`.
  public Command startRun(String flag, String image, String id, String... command)
      throws IOException {
    return startCtr(runWords(flag, image, id, command));
  }

  private String[] runWords(String flag, String image, String id, String... command) {
    var words =
        new ArrayList<>(
            List.of("run", flag, "--runtime", RUNTIME, "--fifo-dir", bed.fifos().toString()));
    words.addAll(List.of(image, id));
    words.addAll(Arrays.asList(command));
    return words.toArray(String[]::new);
  }

  /// Runs ctr to its end.
  public Finished ctr(String... arguments) throws IOException, InterruptedException {
    try (Command command = startCtr(arguments)) {
      return command.await(DEADLINE).withoutWarnings();
    }
  }

  /// Starts ctr.
  public Command startCtr(String... arguments) throws IOException {
    return Command.start(ctrWords(arguments), environment, bed.outputs());
  }

  /// Starts ctr with a stdin to type on.
  Command startCtrTyping(String... arguments) throws IOException {
    return Command.startTyping(ctrWords(arguments), environment, bed.outputs());
  }

  /// Runs ctr to its end at a terminal of its own, by script(1).
  public Finished ctrAtTerminal(String... arguments) throws IOException, InterruptedException {
    String line =
        ctrWords(arguments).stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    var words = List.of("script", "--quiet", "--return", "--command", line, "/dev/null");
    try (Command command = Command.start(words, environment, bed.outputs())) {
      return command.await(DEADLINE).withoutWarnings();
    }
  }

  private List<String> ctrWords(String... arguments) {
    var words = new ArrayList<String>();
    words.add(installation.containerd().resolve("ctr").toString());
    words.addAll(List.of("--address", socket().toString(), "--namespace", namespace));
    words.addAll(Arrays.asList(arguments));
    return words;
  }

  /// Calls the launcher as containerd does, from a directory that is no bundle.
  public Command launch(String id, String action) throws IOException {
    var words =
        List.of(
            installation.krustlet().resolve("containerd-shim-krustlet-v1").toString(),
            "-namespace",
            namespace,
            "-address",
            socket().toString(),
            "-publish-binary",
            installation.containerd().resolve("containerd").toString(),
            "-id",
            id,
            action);
    return Command.start(words, environment, bed.outputs());
  }

  /// Everything that runs in the bed except containerd: daemon, engine and containers.
  public Set<Long> others() throws IOException {
    Set<Long> found = bed.processes();
    daemon.ifPresent(running -> found.remove(running.process().pid()));
    return found;
  }

  /// Waits until the daemon has left for want of work, with its engine and everything.
  public void awaitIdle() throws IOException, InterruptedException {
    Await.until("the end of the processes in " + bed.path(), DEADLINE, () -> others().isEmpty());
  }

  /// Ends containerd and whatever still runs in its bed, and removes the bed.
  @Override
  public void close() throws IOException {
    Unwinding.shield(() -> {
      if (daemon.isPresent() && daemon.get().process().isAlive()) {
        stop();
      }
      Await.until("the end of the processes in " + bed.path(), DEADLINE, this::allKilled);
      bed.remove();
      return null;
    });
  }

  private boolean allKilled() throws IOException {
    Set<Long> left = bed.processes();
    left.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    return left.isEmpty();
  }

  private void writeConfigs(ContainerdConfig config) throws IOException {
    Files.writeString(
        bed.path().resolve("krustlet.toml"),
        """
        idle_timeout = "%2$ds"
        cache_dir = "%1$s/cache"
        log_dir = "%1$s/log"
        """
            .formatted(bed.path(), Await.patiently(IDLE).toSeconds()));
    Files.writeString(bed.path().resolve("containerd.toml"), config.toml());
  }
}
