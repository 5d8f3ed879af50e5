package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.select.SelectingEngine;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.modules.TestEngine;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Fifos;
import dev.krustlet.shim.os.Mounts;
import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.policy.NodePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real guests in the real engine process, with real mounts.
@Tag("engine")
@Timeout(120)
class WasmEngineTest {
  @TempDir private Path directory;
  private Path image;
  private Path volume;
  private WasmEngine wasm;
  private SelectingEngine engine;

  @BeforeEach
  void prepare() throws IOException {
    assumeTrue(Processes.uid() == 0, "mounts want root");
    image = Files.createDirectories(directory.resolve("image"));
    volume = Files.createDirectories(directory.resolve("volume"));
    for (String name : List.of("hello", "counter", "files")) {
      Files.copy(TestEngine.example(name), image.resolve(name + ".wasm"));
    }
    Files.createDirectories(directory.resolve("s"));
    open(TestEngine.program(true));
  }

  private void open(EngineProgram program) {
    wasm =
        new WasmEngine(
            program,
            directory.resolve("s"),
            directory.resolve("cache"),
            1 << 30,
            NodePolicy.DEFAULT);
    engine = new SelectingEngine(wasm, wasm, (_, _) -> Optional.empty(), "k8s.io");
  }

  @AfterEach
  void stop() {
    if (engine != null) {
      engine.close();
    }
  }

  private Container create(String id, String args, String mounts, Stdio stdio)
      throws IOException, SpecException, TaskException, InterruptedException {
    Path bundle = Files.createDirectories(directory.resolve(id));
    Files.writeString(
        bundle.resolve("config.json"),
        """
        {"ociVersion":"1.0.2",
         "process":{"args":[%s],"cwd":"/","env":["GREETING=hi"],"user":{"uid":0,"gid":0}},
         "root":{"path":"%s"},"mounts":[%s]}
        """
            .formatted(args, image, mounts));
    return engine.create(
        new ContainerRequest(
            id, bundle, Bundle.load(bundle), List.of(), stdio, RuntimeOptions.DEFAULT));
  }

  private static int status(Container container)
      throws InterruptedException, ExecutionException, TimeoutException {
    return container.exited().get(30, TimeUnit.SECONDS).status();
  }

  private String output(String id, String args, String mounts)
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    Path out = directory.resolve(id + ".out");
    Fifos.create(out);
    var text = new FutureTask<>(() -> Files.readString(out)); // waits for a writer
    Thread.ofPlatform().daemon().name("reader-of-" + id).start(text);
    var container = create(id, args, mounts, new Stdio("", out.toString(), out.toString(), false));
    container.start();
    String read = text.get(30, TimeUnit.SECONDS);
    int status = status(container);
    container.delete();
    return read + "status " + status;
  }

  @Test
  void argumentsEnvironmentOutputAndStatusPass()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    assertThat(output("c", "\"/hello.wasm\",\"--exit\",\"42\"", ""))
        .contains("arg 2: 42", "env GREETING=hi")
        .endsWith("status 42");
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void componentsOfWasi3RunWhereTheNodesSettingsSaySo()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    Files.copy(TestEngine.guest("command3"), image.resolve("command3.wasm"));
    var silent = new Stdio("", "", "", false);

    assertThatThrownBy(() -> create("off", "\"/command3.wasm\"", "", silent))
        .isInstanceOf(TaskException.class)
        .hasMessageContainingAll("/command3.wasm", "WASI 0.3", "wasi3 = true");

    engine.close();
    open(TestEngine.program(true).withWasi3(true));
    assertThat(output("on", "\"/command3.wasm\",\"show\"", ""))
        .startsWith("/command3.wasm show\n")
        .contains("\nGREETING=hi\n")
        .endsWith("status 0");
    assertThat(output("other", "\"/hello.wasm\",\"--exit\",\"42\"", "")).endsWith("status 42");
  }

  @Test
  void whatIsDeletedBeforeItRanHasEnded()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = create("c", "\"/hello.wasm\"", "", new Stdio("", "", "", false));
    container.delete();
    assertThat(status(container)).isEqualTo(137);
  }

  @Test
  void mountsKeepTheirFlags()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    Files.writeString(volume.resolve("message"), "from a config map");
    String readOnly =
        "{\"destination\":\"/config\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"rbind\",\"ro\"]}"
            .formatted(volume);
    Path shared = Files.createDirectories(directory.resolve("shared"));
    String writable =
        "{\"destination\":\"/data\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"rbind\",\"rw\"]}"
            .formatted(shared);

    String good =
        output(
            "ok", "\"/files.wasm\",\"/config/message\",\"/data/out\"", readOnly + "," + writable);
    String refused = output("ro", "\"/files.wasm\",\"/config/message\",\"/config/out\"", readOnly);

    assertThat(good).endsWith("status 0");
    assertThat(shared.resolve("out")).exists();
    assertThat(refused).doesNotEndWith("status 0");
    assertThat(volume.resolve("out")).doesNotExist();
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void aModuleOnAVolumeRunsAndOneThatAMountHidesDoesNot()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    Path hello = Files.copy(image.resolve("hello.wasm"), volume.resolve("there.wasm"));
    Files.copy(image.resolve("files.wasm"), image.resolve("there.wasm"));
    String single =
        "{\"destination\":\"/there.wasm\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"bind\"]}"
            .formatted(hello);

    assertThat(output("a", "\"/data/there.wasm\"", bound(volume))).contains("env GREETING=hi");
    assertThat(output("b", "\"/there.wasm\"", single)).contains("env GREETING=hi");
    assertThat(output("c", "\"/there.wasm\"", bound(volume))).doesNotContain("env GREETING=hi");
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void aWorkingDirectoryThatTheImageLacksIsMade()
      throws IOException, SpecException, TaskException, InterruptedException {
    String cwd = "\"process\":{\"args\":[\"/counter.wasm\"],\"cwd\":\"%s\"}";
    var container = created("a", cwd.formatted("/data/sub/deep"), bound(volume), "");
    container.delete();

    assertThat(Files.getPosixFilePermissions(volume.resolve("sub/deep")))
        .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
    String readOnly = bound(volume).replace("rbind\"", "rbind\",\"ro\"");
    assertThatThrownBy(() -> created("b", cwd.formatted("/data/other"), readOnly, ""))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("container b: cannot make its working directory /data/other")
        .hasMessageContaining("read-only file system");
    assertThatThrownBy(() -> created("c", cwd.formatted("/hello.wasm/x"), "", ""))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("container c: cannot make its working directory /hello.wasm/x");
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void idsThatAreMappedAreRefusedByName() throws IOException {
    String process = "\"process\":{\"args\":[\"/hello.wasm\"]}";
    String mapping = "Mappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}]";

    for (String linux :
        List.of("\"uid" + mapping, "\"gid" + mapping, "\"namespaces\":[{\"type\":\"user\"}]")) {
      assertThatThrownBy(() -> created("c", process, "", ",\"linux\":{" + linux + "}"))
          .isInstanceOf(TaskException.class)
          .hasMessageContaining("hostUsers: false");
    }
    String mapped = bound(volume).replace("}", ",\"uid" + mapping + "}");
    assertThatThrownBy(() -> created("c", process, mapped, ""))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("mount /data is idmapped");
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void argumentsBeyondWhatLinuxGivesAProcessAreRefused() throws IOException {
    String arguments = "\"/hello.wasm\"" + ",\"%s\"".formatted("x".repeat(130_000)).repeat(17);

    assertThatThrownBy(() -> create("c", arguments, "", Stdio.NONE))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("a wasm container may have 2097152");
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  /// A container whose spec is all the test's.
  private Container created(String id, String process, String mounts, String more)
      throws IOException, SpecException, TaskException, InterruptedException {
    Path bundle = Files.createDirectories(directory.resolve(id));
    Files.writeString(
        bundle.resolve("config.json"),
        "{\"ociVersion\":\"1.0.2\",%s,\"root\":{\"path\":\"%s\"},\"mounts\":[%s]%s}"
            .formatted(process, image, mounts, more));
    return engine.create(
        new ContainerRequest(
            id, bundle, Bundle.load(bundle), List.of(), Stdio.NONE, RuntimeOptions.DEFAULT));
  }

  @Test
  void procAndSysAreNeverThereAndDevIsSmall()
      throws IOException, SpecException, TaskException, InterruptedException {
    String mounts =
        """
        {"destination":"/proc","type":"proc","source":"proc"},
        {"destination":"/sys","type":"sysfs","source":"sysfs"},
        {"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","mode=755","size=65536k"]}
        """;
    var container = create("c", "\"/counter.wasm\"", mounts, Stdio.NONE);
    Path root = directory.resolve("c/rootfs");

    assertThat(root.resolve("proc")).doesNotExist();
    assertThat(root.resolve("sys")).doesNotExist();
    try (var devices = Files.list(root.resolve("dev"))) {
      assertThat(devices.map(d -> d.getFileName().toString()))
          .containsExactlyInAnyOrder("null", "zero", "full", "random", "urandom");
    }
    container.delete();
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void devicesAreThoseOfDevAlone()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    for (Path place : List.of(image, volume)) {
      var mknod = new ProcessBuilder("mknod", place.resolve("device").toString(), "c", "1", "3");
      assertThat(mknod.start().waitFor()).isZero();
    }
    String mounts =
        """
        {"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","mode=755"]},
        {"destination":"/data","type":"bind","source":"%s","options":["rbind","rw"]}
        """
            .formatted(volume);

    // the program says what it read, so that nobody takes a device that opens for one that does not
    String opens = "is empty";
    assertThat(output("a", "\"/files.wasm\",\"/dev/null\",\"/data/a\"", mounts)).contains(opens);
    assertThat(output("b", "\"/files.wasm\",\"/device\",\"/data/b\"", mounts))
        .doesNotContain(opens);
    assertThat(output("c", "\"/files.wasm\",\"/data/device\",\"/data/c\"", mounts))
        .doesNotContain(opens);
  }

  @Test
  void theNodesProcIsNeitherMountedNorBroughtAlong()
      throws IOException, SpecException, TaskException, InterruptedException {
    Path inside = Files.createDirectories(volume.resolve("proc"));
    Mounts.mount("proc", "proc", inside, List.of());
    try {
      var container = create("c", "\"/counter.wasm\"", bound(volume), Stdio.NONE);
      assertThat(directory.resolve("c/rootfs/data/proc")).isEmptyDirectory();
      assertThat(inside.resolve("self")).exists();
      container.delete();
      for (String source : List.of("/proc", "/proc/self", inside.toString())) {
        assertThatThrownBy(
                () -> create("d", "\"/counter.wasm\"", bound(Path.of(source)), Stdio.NONE))
            .isInstanceOf(TaskException.class)
            .hasMessageContaining(source);
      }
    } finally {
      Mounts.unmountTree(inside);
    }
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  private static String bound(Path source) {
    return "{\"destination\":\"/data\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"rbind\"]}"
        .formatted(source);
  }

  @Test
  void signalsEndAGuest()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var gentle = create("a", "\"/counter.wasm\"", "", Stdio.NONE);
    var hard = create("b", "\"/counter.wasm\"", "", Stdio.NONE);
    gentle.start();
    hard.start();
    gentle.kill(15, false);
    hard.kill(9, false);

    assertThat(status(gentle)).isEqualTo(143);
    assertThat(status(hard)).isEqualTo(137);
    assertThat(hard.stats().cpu().totalNanos()).isPositive();
    gentle.delete();
    hard.delete();
  }

  @Test
  void losingTheEngineIsToldOnceAndTheNextContainerRuns()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = create("a", "\"/counter.wasm\"", "", Stdio.NONE);
    container.start();
    int engineProcess = threadGroup(container.pid());
    Processes.kill(engineProcess, 9);

    assertThat(status(container)).isEqualTo(137);
    container.delete();
    assertThat(output("b", "\"/hello.wasm\"", "")).endsWith("status 0");
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  private static int threadGroup(int thread) throws IOException {
    return Files.readAllLines(Path.of("/proc", Integer.toString(thread), "status")).stream()
        .filter(line -> line.startsWith("Tgid:"))
        .map(line -> Integer.parseInt(line.substring("Tgid:".length()).strip()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatAGuestCannotHaveIsRefusedAndNothingIsLeft() throws IOException {
    assertThatThrownBy(() -> create("t", "\"/hello.wasm\"", "", new Stdio("", "", "", true)))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("terminal");
    assertThatThrownBy(() ->
            create(
                "m",
                "\"/hello.wasm\"",
                "{\"destination\":\"/x\",\"type\":\"nfs\",\"source\":\"host:/x\"}",
                Stdio.NONE))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("nfs");
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void aGuestNeverStartedIsDeleted()
      throws IOException, SpecException, TaskException, InterruptedException {
    var container = create("c", "\"/hello.wasm\"", "", Stdio.NONE);
    CompletableFuture<?> exited = container.exited();
    container.delete();

    assertThat(exited).isNotCompletedExceptionally();
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void theIdOfACallerThatGaveUpIsFreeAgain()
      throws IOException, SpecException, TaskException, InterruptedException {
    String args = "\"/counter.wasm\",\"--interval\",\"1000000\"";
    create("same", args, "", Stdio.NONE).delete(); // compiled from now on
    for (int i = 0; i < 40; i++) {
      var creating = new FutureTask<>(() -> create("same", args, "", Stdio.NONE));
      Thread caller = Thread.ofPlatform().name("caller-that-gives-up").start(creating);
      TimeUnit.MICROSECONDS.sleep(250L * i);
      caller.interrupt();
      try {
        creating.get().delete();
      } catch (ExecutionException e) {
        assertThat(e).hasMessageNotContaining("in use");
      }
    }
    create("same", args, "", Stdio.NONE).delete();
  }
}
