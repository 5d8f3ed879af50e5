package dev.krustlet.shim.engine.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.Program;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.WasmLayer;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.Mount;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Mounts;
import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which engine gets a container, and with which program.
final class SelectingEngineTest {
  private static final String SCRIPT = "#!/bin/sh\n";
  private static final String MODULE = "(module)";

  @TempDir private Path directory;
  private Path root = Path.of("");
  private Path volume = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    root = Files.createDirectories(directory.resolve("rootfs"));
    volume = Files.createDirectories(directory.resolve("volume"));
  }

  /// Refuses all, and says what it would run.
  private record Telling(String kind) implements Engine {
    @Override
    public Container create(ContainerRequest request) throws TaskException {
      throw new TaskException(
          Code.UNKNOWN, kind + request.program().map(Telling::words).orElse(" whatever"));
    }

    private static String words(Program program) {
      return " %s#%s%s"
          .formatted(program.path(), program.export(), program.layer().isPresent() ? " layer" : "");
    }

    @Override
    public void close() {}
  }

  private record Layer(String name) implements WasmLayer {
    @Override
    public String sha256() {
      return "";
    }

    @Override
    public long size() {
      return 0;
    }

    @Override
    public void copyTo(Path copy) {}
  }

  private String chosen(String args, String mounts)
      throws IOException, SpecException, InterruptedException {
    return chosen(args, "/", "", mounts, Optional.empty(), List.of());
  }

  private String chosen(String args, String cwd, String path, String mounts)
      throws IOException, SpecException, InterruptedException {
    return chosen(args, cwd, path, mounts, Optional.empty(), List.of());
  }

  private String chosen(
      String args,
      String cwd,
      String path,
      String mounts,
      Optional<WasmLayer> layer,
      List<Mount> rootfs)
      throws IOException, SpecException, InterruptedException {
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"ociVersion":"1.0.2","process":{"args":["%s"],"cwd":"%s","env":["PATH=%s"]},
         "root":{"path":"rootfs"},"mounts":[%s]}
        """
            .formatted(args, cwd, path, mounts));
    try (var engine =
        new SelectingEngine(
            new Telling("native"), new Telling("wasm"), (_, _) -> layer, "k8s.io")) {
      engine.create(
          new ContainerRequest(
              "c", directory, Bundle.load(directory), rootfs, Stdio.NONE, RuntimeOptions.DEFAULT));
      throw new AssertionError("it was made");
    } catch (TaskException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String bound(Path source, String destination) {
    return "{\"destination\":\"%s\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"rbind\"]}"
        .formatted(destination, source);
  }

  private static void file(Path file, String content, String mode) throws IOException {
    Files.createDirectories(file.getParent() == null ? file : file.getParent());
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  void aProgramOnAVolumeIsFound() throws IOException, SpecException, InterruptedException {
    file(volume.resolve("run.sh"), SCRIPT, "rwxr-xr-x");
    file(volume.resolve("app.wasm"), MODULE, "rw-r--r--");
    String mount = bound(volume, "/v");

    assertThat(chosen("/v/run.sh", mount)).isEqualTo("native /v/run.sh#");
    assertThat(chosen("./run.sh", "/v", "", mount)).isEqualTo("native /v/run.sh#");
    assertThat(chosen("run.sh", "/", "/bin:/v", mount)).isEqualTo("native /v/run.sh#");
    assertThat(chosen("/v/app.wasm#f", mount)).isEqualTo("wasm /v/app.wasm#f");
    assertThat(chosen("../v/app.wasm", "/v", "", mount)).isEqualTo("wasm /v/../v/app.wasm#");
  }

  @Test
  void aSingleFileOfAVolumeIsFound() throws IOException, SpecException, InterruptedException {
    file(volume.resolve("app"), MODULE, "rw-r--r--");
    file(root.resolve("bin/tool"), SCRIPT, "rwxr-xr-x");

    assertThat(chosen("/app.wasm", bound(volume.resolve("app"), "/app.wasm")))
        .isEqualTo("wasm /app.wasm#");
    assertThat(chosen("/bin/tool", bound(volume.resolve("app"), "/bin/tool")))
        .isEqualTo("wasm /bin/tool#");
  }

  @Test
  void whatAMountHidesIsNeverChosen() throws IOException, SpecException, InterruptedException {
    file(root.resolve("v/app"), MODULE, "rwxr-xr-x");
    file(volume.resolve("app"), SCRIPT, "rwxr-xr-x");
    String tmpfs = "{\"destination\":\"/v\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}";

    assertThat(chosen("/v/app", "")).isEqualTo("wasm /v/app#");
    assertThat(chosen("/v/app", bound(volume, "/v"))).isEqualTo("native /v/app#");
    assertThat(chosen("/v/app", tmpfs)).isEqualTo("native whatever");
    assertThat(chosen("/v/app", tmpfs.replace("\"tmpfs\"}", "\"t\",\"options\":[\"tmpcopyup\"]}")))
        .isEqualTo("wasm /v/app#");
    assertThat(chosen("/v/app", bound(volume, "/v") + "," + tmpfs)).isEqualTo("native whatever");
    assertThat(chosen("/v/app", bound(volume, "/v/app") + "," + bound(volume, "/v")))
        .isEqualTo("native /v/app#");
  }

  @Test
  void linksLeadFromVolumesIntoTheRootAndBack()
      throws IOException, SpecException, InterruptedException {
    file(root.resolve("lib/real"), SCRIPT, "rwxr-xr-x");
    file(volume.resolve("..data/app"), MODULE, "rw-r--r--");
    Files.createSymbolicLink(volume.resolve("app"), Path.of("..data/app"));
    Files.createSymbolicLink(volume.resolve("out"), Path.of("/lib/real"));
    Files.createSymbolicLink(volume.resolve("up"), Path.of("../../lib/real"));
    Files.createSymbolicLink(root.resolve("in"), Path.of("/run/v/app"));
    Files.createDirectories(root.resolve("var"));
    Files.createSymbolicLink(root.resolve("var/run"), Path.of("/run"));
    Files.createSymbolicLink(volume.resolve("loop"), Path.of("loop"));
    String mount = bound(volume, "/var/run/v"); // by a link of the image, to /run/v

    assertThat(chosen("/run/v/app", mount)).isEqualTo("wasm /run/v/app#");
    assertThat(chosen("/var/run/v/out", mount)).isEqualTo("native /var/run/v/out#");
    assertThat(chosen("/run/v/up", mount)).isEqualTo("native /run/v/up#");
    assertThat(chosen("/in", mount)).isEqualTo("wasm /in#");
    assertThat(chosen("/run/v/loop", mount)).isEqualTo("native whatever");
  }

  @Test
  void whatIsNowhereIsRuncsToRefuseUnlessItNamesAModule()
      throws IOException, SpecException, InterruptedException {
    Optional<WasmLayer> layer = Optional.of(new Layer("app"));

    assertThat(chosen("/missing", "")).isEqualTo("native whatever");
    assertThat(chosen("/missing.wasm#f", ""))
        .isEqualTo("exec `/missing.wasm#f`: no such file in the root of container c");
    assertThat(chosen("/missing", "/", "", "", layer, List.of())).isEqualTo("wasm /missing# layer");
    assertThat(chosen("#init", "/", "", "", layer, List.of())).isEqualTo("wasm #init layer");
    assertThat(chosen("/", "/", "", "", layer, List.of())).isEqualTo("wasm /# layer");
    assertThat(chosen("", "/", "", "", layer, List.of())).isEqualTo("wasm # layer");
    assertThat(chosen("/", "")).isEqualTo("native whatever");
    assertThat(chosen("/no\\u0000name", "")).isEqualTo("native whatever");
  }

  @Test
  void aNameWithoutASlashIsLookedForAlongThePathAndAModuleThenInTheWorkingDirectory()
      throws IOException, SpecException, InterruptedException {
    file(root.resolve("a/app"), "text", "rw-r--r--");
    file(root.resolve("b/app"), SCRIPT, "rwxr-xr-x");
    file(root.resolve("w/tool"), SCRIPT, "rwxr-xr-x");
    file(root.resolve("w/hello.wasm"), MODULE, "rw-r--r--");
    file(root.resolve("w/a#b.wasm"), MODULE, "rw-r--r--");
    Files.createDirectories(root.resolve("a/hello.wasm"));

    assertThat(chosen("app", "/", "/a:/b", "")).isEqualTo("native /b/app#");
    assertThat(chosen("tool", "/w", "/a:/b", "")).isEqualTo("native whatever");
    assertThat(chosen("tool", "/w", "/a:", "")).isEqualTo("native /w/tool#");
    assertThat(chosen("hello.wasm", "/w", "/a:/b", "")).isEqualTo("wasm /w/hello.wasm#");
    assertThat(chosen("hello.wasm#f", "/w", "/a", "")).isEqualTo("wasm /w/hello.wasm#f");
    assertThat(chosen("./a#b.wasm", "/w", "/a", "")).isEqualTo("wasm /w/a#b.wasm#");
  }

  @Test
  void aModuleNeedsNoModeAndACommentDoesNotHideIt()
      throws IOException, SpecException, InterruptedException {
    file(root.resolve("secret.wasm"), MODULE, "rw-------");
    file(root.resolve("said"), ";; a comment\n (; one (; in ;) another ;) ( module)", "rw-r--r--");

    assertThat(chosen("/secret.wasm", "")).isEqualTo("wasm /secret.wasm#");
    assertThat(chosen("/said", "")).isEqualTo("wasm /said#");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ext4                   | loop              | with the option loop
          erofs                  | loop              | with the option loop
          overlay                | uidmap=0:100000:1 | with the option uidmap
          overlay                | gidmap=0:100000:1 | with the option gidmap
          erofs                  | X-containerd.dmverity=/m | with the option X-containerd.dmverity
          format/overlay         | ro                | that only containerd's mount manager knows
          mkfs/ext4              | ro                | that only containerd's mount manager knows
          fuse3.fuse-overlayfs   | ro                | that needs the program mount.fuse
          """)
  void aRootThatNoSystemCallMountsIsRefusedBeforeAnythingIsMounted(
      String type, String option, String why)
      throws IOException, SpecException, InterruptedException {
    var first = new Mount("", "bind", volume.toString(), List.of("bind"));
    var second = new Mount("", type, "source", List.of(option));

    assertThat(chosen("/app", "/", "", "", Optional.empty(), List.of(first, second)))
        .startsWith("the root of container c has a mount of type '%s' %s".formatted(type, why));
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void aMountOfTheRootMayHaveATargetInside()
      throws IOException, SpecException, InterruptedException {
    assumeTrue(Processes.uid() == 0, "mounting needs root");
    Path inner = Files.createDirectories(directory.resolve("inner"));
    file(inner.resolve("app"), MODULE, "rw-r--r--");
    Files.createDirectories(volume.resolve("opt"));
    var first = new Mount("", "bind", volume.toString(), List.of("bind"));
    var second = new Mount("/opt", "bind", inner.toString(), List.of("bind"));

    assertThat(chosen("/opt/app", "/", "", "", Optional.empty(), List.of(first, second)))
        .isEqualTo("wasm /opt/app#");
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void aRootIsUnmountedWhateverKeepsItsContainerFromBeingMade()
      throws IOException, SpecException, InterruptedException, TaskException {
    assumeTrue(Processes.uid() == 0, "needs root");
    Files.writeString(
        directory.resolve("config.json"),
        "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\"}}");
    var rootfs = new Mount("", "tmpfs", "tmpfs", List.of());
    var request =
        new ContainerRequest(
            "c",
            directory,
            Bundle.load(directory),
            List.of(rootfs),
            Stdio.NONE,
            RuntimeOptions.DEFAULT);

    try (var engine =
        new SelectingEngine(
            new OutOfThreads(), new OutOfThreads(), (_, _) -> Optional.empty(), "k8s.io")) {
      assertThatThrownBy(() -> engine.create(request)).isInstanceOf(OutOfMemoryError.class);
    }

    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  /// What a JVM says at its limit of threads.
  private record OutOfThreads() implements Engine {
    @Override
    public Container create(ContainerRequest request) {
      throw new OutOfMemoryError("unable to create native thread");
    }

    @Override
    public void close() {}
  }
}
