package dev.krustlet.shim.engine.runc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.select.SelectingEngine;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Fifos;
import dev.krustlet.shim.os.Poller;
import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.os.Reaper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The real runc, and a bundle whose root has nothing but busybox.
public final class NativeNode implements AutoCloseable {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  /// Who owns the streams of an unusual container.
  static final int OTHERS = 1000;

  private static final String PRIVATE_PIDS = "{\"type\":\"pid\"},";

  private final Path directory;
  private final Poller poller;
  private final SelectingEngine engine;
  private final List<Container> containers = new ArrayList<>();
  private String runtime = "";
  private String pids = PRIVATE_PIDS;
  private String resources = "";
  private boolean unusual;
  private boolean systemd;
  private String group = "/%s";
  private String hooks = "{}";

  private NativeNode(Path directory, Poller poller) {
    this.directory = directory;
    this.poller = poller;
    var natively = new RuncEngine("test", poller, new Reaper(poller));
    this.engine = new SelectingEngine(natively, natively, (_, _) -> Optional.empty(), "k8s.io");
  }

  public static NativeNode in(Path directory) throws IOException {
    assumeTrue(Processes.uid() == 0, "making containers wants root");
    assumeTrue(Files.isExecutable(BUSYBOX), "busybox-static is not installed");
    Path bin = Files.createDirectories(directory.resolve("b/image/bin"));
    Files.copy(BUSYBOX, bin.resolve("busybox"));
    for (String name : List.of("sh", "cat", "sleep", "id", "stty", "pwd", "tty")) {
      Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
    }
    for (String place : List.of("proc", "dev", "tmp")) {
      Files.createDirectories(directory.resolve("b/image").resolve(place));
    }
    Reaper.becomeSubreaper();
    return new NativeNode(directory, Poller.start());
  }

  public SelectingEngine engine() {
    return engine;
  }

  public Path bundle() {
    return directory.resolve("b");
  }

  /// Containers use another runtime with runc's command line.
  NativeNode runtime(Path program) {
    runtime = program.toString();
    return this;
  }

  /// Containers share the pids of the node.
  NativeNode sharedPids() {
    pids = "";
    return this;
  }

  /// Containers have every option that few nodes set.
  NativeNode unusual() {
    unusual = true;
    return this;
  }

  /// The cgroups of containers are systemd's to make.
  NativeNode systemd() {
    systemd = true;
    return this;
  }

  /// @param pattern of `linux.cgroupsPath`, for a container's id
  NativeNode group(String pattern) {
    group = pattern;
    return this;
  }

  /// @param json members of `linux.resources`
  NativeNode resources(String json) {
    resources = json;
    return this;
  }

  /// @param json the spec's `hooks`
  NativeNode hooks(String json) {
    hooks = json;
    return this;
  }

  public static String freshId() {
    return "krustlet-test-" + Processes.pid() + "-" + System.nanoTime();
  }

  public RuntimeOptions options() {
    return new RuntimeOptions(
        systemd,
        runtime,
        directory.resolve("runc").toString(),
        unusual,
        unusual,
        unusual ? OTHERS : 0,
        unusual ? OTHERS : 0);
  }

  /// Writes the config.json of a container that runs a script.
  public void configure(String id, String script, boolean terminal) throws IOException {
    Files.writeString(
        bundle().resolve("config.json"),
        """
        {"ociVersion":"1.0.2",
         "process":{"terminal":%s,"args":["sh","-c","%s"],"cwd":"/","env":["PATH=/bin"],
          "user":{"uid":0,"gid":0},"capabilities":{}},
         "root":{"path":"image"},
         "mounts":[{"destination":"/proc","type":"proc","source":"proc"},
          {"destination":"/dev","type":"tmpfs","source":"tmpfs"},
          {"destination":"/dev/pts","type":"devpts","source":"devpts",
           "options":["newinstance","ptmxmode=0666","mode=0620"]}],
         "linux":{"cgroupsPath":"%s","resources":{%s},
          "namespaces":[%s{"type":"mount"},{"type":"ipc"}]},
         "hooks":%s}
        """
            .formatted(
                terminal,
                script.replace("\"", "\\\""),
                group.formatted(id),
                resources,
                pids,
                hooks));
  }

  Container create(String script, Stdio stdio)
      throws IOException, SpecException, TaskException, InterruptedException {
    String id = freshId();
    configure(id, script, stdio.terminal());
    var container =
        engine.create(
            new ContainerRequest(id, bundle(), Bundle.load(bundle()), List.of(), stdio, options()));
    containers.add(container);
    return container;
  }

  Container run(String script, Stdio stdio)
      throws IOException, SpecException, TaskException, InterruptedException {
    var container = create(script, stdio);
    container.start();
    return container;
  }

  /// @param process the members of the process that matter, as JSON
  static ExecRequest exec(String id, String process, Stdio stdio) throws SpecException {
    String json =
        "{\"cwd\":\"/\",\"env\":[\"PATH=/bin\"],\"user\":{\"uid\":0,\"gid\":0},%s}"
            .formatted(process);
    return new ExecRequest(id, Bundle.parseProcess(json, stdio.terminal()), stdio);
  }

  static String shell(String script) {
    return "\"args\":[\"sh\",\"-c\",\"%s\"]".formatted(script.replace("\"", "\\\""));
  }

  static int status(Container container)
      throws InterruptedException, ExecutionException, TimeoutException {
    return container.exited().get(30, TimeUnit.SECONDS).status();
  }

  public Path fifo(String name) throws IOException {
    Path fifo = directory.resolve(name);
    Fifos.create(fifo);
    return fifo;
  }

  /// A reader of a new fifo.
  public Listener listen(String name) throws IOException {
    return Listener.at(directory.resolve(name));
  }

  /// Deletes what a test left, whatever became of it.
  @Override
  public void close() throws IOException {
    for (Container each : containers) {
      try {
        each.delete();
      } catch (TaskException e) {
        throw new IOException("cannot clean up", e);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    poller.close();
    engine.close();
  }
}
