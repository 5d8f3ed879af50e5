package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What users of other shims ran into, as their trackers tell it, tried with ctr;
/// docs/compatibility has the list.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class TrackerCasesIT {
  /// More than gRPC takes in one message of containerd.
  private static final int LARGE = 24 << 20;

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  TrackerCasesIT(Installation installation) {
    assertThat(node.containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    node = TestNode.start(installation, Map.of());
  }

  @AfterEach
  void noContainerIsLeft() throws IOException, InterruptedException {
    node.assertNoContainerIsLeft();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    node.close();
  }

  /// Runs a container with more flags than others.
  private static Finished run(List<String> flags, String... command)
      throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("run", "--rm", "--runtime", PrivateContainerd.RUNTIME));
    words.addAll(List.of("--fifo-dir", node.bed().fifos().toString()));
    words.addAll(flags);
    words.addAll(List.of(Guests.IMAGE, "once"));
    words.addAll(Arrays.asList(command));
    Finished run = node.containerd().ctr(words.toArray(String[]::new));
    if (run.status() != 0) {
      node.containerd().ctr("containers", "delete", "once");
    }
    return run;
  }

  /// k3s-io/k3s#9650, spinframework/containerd-shim-spin#227: k3s writes the shim's own path there.
  @Test
  void aBinaryNameThatIsTheShimIsRefusedByName() throws IOException, InterruptedException {
    Path options = node.bed().path().resolve("runtime-options.toml");
    Files.writeString(
        options,
        """
        BinaryName = "/usr/local/bin/containerd-shim-krustlet-v1"
        Root = "%s"
        """
            .formatted(node.bed().runtimes()));
    var flags = List.of("--runtime-config-path", options.toString());

    Finished refused = run(flags, "/bin/sh", "-c", "exit 0");

    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err())
        .contains("BinaryName in the options of the runtime is /usr/local/bin/containerd-shim-")
        .contains("which is a shim");
    assertThat(run(flags, "/hello.wasm").status()).as("a guest needs no runtime").isZero();
  }

  /// deislabs/containerd-wasm-shims#169: Docker on a machine with systemd names cgroups so.
  @Test
  void aCgroupNamedForSystemdIsNoObstacleToAGuest() throws IOException, InterruptedException {
    assumeThat(CgroupDriver.ofBuild()).isEqualTo(CgroupDriver.CGROUPFS);
    var flags = List.of("--cgroup", "system.slice:docker:once");

    assertThat(run(flags, "/hello.wasm").out()).startsWith("hello from wasm\n");

    Finished refused = run(flags, "/bin/sh", "-c", "exit 0");
    assertThat(refused.err()).contains("`system.slice:docker:once`", "`SystemdCgroup = true`");
  }

  /// containerd/runwasi#637: the error was that an executor cannot handle the spec.
  @Test
  void aCommandThatIsNoProgramIsNamed() throws IOException, InterruptedException {
    Finished refused = run(List.of(), "bogus");

    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains("bogus").containsPattern("not found|no such file");
  }

  /// containerd/runwasi#477: a module for WasmEdge's sockets ended in CrashLoopBackOff, and no log
  /// said why.
  @Test
  void aModuleForAnotherRuntimesSocketsSaysWhatItWants() throws IOException, InterruptedException {
    Finished refused = run(List.of(), "/wasmedge-sockets.wat");

    assertThat(refused.status()).isNotZero();
    assertThat(refused.err()).contains("sock_open");
  }

  /// spinframework/containerd-shim-spin#25, #202 of its operator: a component of 43 MB did not fit
  /// into a message; compiled code counted as the container's memory and had it killed.
  @Test
  void aLargeModuleFitsAndItsCompilationIsNotTheContainersMemory()
      throws IOException, InterruptedException {
    assumeThat(node.containerd().installation().makesContainersWithoutRoot()).isTrue();
    var images = new BuiltImages(node.containerd());
    Path module = node.bed().path().resolve("large.wasm");
    Files.write(module, large());
    for (String form : new String[] {"", "--wasm-layer"}) {
      String name = "localhost/large:" + (form.isEmpty() ? "root" : "layer");
      images.loadFile(module, name, form);
      Finished run =
          node.containerd()
              .ctr(
                  "run",
                  "--rm",
                  "--runtime",
                  PrivateContainerd.RUNTIME,
                  "--fifo-dir",
                  node.bed().fifos().toString(),
                  "--memory-limit",
                  Integer.toString(8 << 20),
                  name,
                  "large");
      assertThat(run.out()).as(run.err()).startsWith("hello from wasm\n");
    }
  }

  /// The first example, with a section that nobody reads and no compression makes small.
  private static byte[] large() throws IOException {
    var module = new ByteArrayOutputStream();
    module.write(Files.readAllBytes(node.containerd().installation().example("hello")));
    byte[] name = "noise".getBytes(StandardCharsets.US_ASCII);
    byte[] noise = new byte[LARGE];
    new Random(25).nextBytes(noise);
    module.write(0); // a custom section
    writeLeb128(module, 1 + name.length + noise.length);
    module.write(name.length);
    module.write(name);
    module.write(noise);
    return module.toByteArray();
  }

  private static void writeLeb128(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest >= 0x80) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}
