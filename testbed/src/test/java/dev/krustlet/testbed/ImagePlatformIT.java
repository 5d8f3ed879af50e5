package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Images for the platform `wasi/wasm`, as `docker buildx build --platform wasi/wasm` makes them.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class ImagePlatformIT {
  private static final String NAME = "localhost/platform:1";

  private static final String SEVEN =
      """
      (module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_start") (call $exit (i32.const 7))))
      """;

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  ImagePlatformIT(Installation installation) {
    assertThat(node.containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    node = TestNode.start(installation, Map.of());
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    node.close();
  }

  private static ImageArchive wasi() throws IOException {
    byte[] module = Files.readAllBytes(node.containerd().installation().example("hello"));
    return new ImageArchive(NAME)
        .file("hello.wasm", 0644, module)
        .entrypoint("/hello.wasm")
        .platform("wasi", "wasm");
  }

  /// One for this machine, which ends with 7.
  private static ImageArchive ofThisMachine() {
    return new ImageArchive(NAME)
        .file("seven.wat", 0644, SEVEN.getBytes(StandardCharsets.UTF_8))
        .entrypoint("/seven.wat");
  }

  private static Finished imported(byte[] archive, String... flags)
      throws IOException, InterruptedException {
    Path file = node.bed().path().resolve("platform.tar");
    Files.write(file, archive);
    List<String> words = new ArrayList<>(List.of("images", "import"));
    words.addAll(Arrays.asList(flags));
    words.add(file.toString());
    return node.containerd().ctr(words.toArray(String[]::new));
  }

  private static Finished run(String... flags) throws IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(List.of("run", "--rm", "--runtime", PrivateContainerd.RUNTIME));
    words.addAll(List.of("--fifo-dir", node.bed().fifos().toString()));
    words.addAll(Arrays.asList(flags));
    words.addAll(List.of(NAME, "platform"));
    return node.containerd().ctr(words.toArray(String[]::new));
  }

  @AfterEach
  void removeImage() throws IOException, InterruptedException {
    node.succeed("images", "rm", "--sync", NAME);
    node.assertNoContainerIsLeft();
  }

  @Test
  void aSingleManifestRunsWhateverItsPlatform() throws IOException, InterruptedException {
    assertThat(imported(wasi().build()).status()).isZero();

    assertThat(run().out()).startsWith("hello from wasm");
    assertThat(run("--platform", "wasi/wasm").out()).startsWith("hello from wasm");
  }

  @Test
  void anIndexForWasmAloneRunsWhereItsPlatformIsNamed() throws IOException, InterruptedException {
    byte[] archive = new ImageIndex(NAME).image(wasi()).attested().build();
    imported(archive, "--all-platforms"); // 1.x fails to unpack it for this machine, and has it

    assertThat(run("--platform", "wasi/wasm").out()).startsWith("hello from wasm");
    assertThat(run().err()).contains("no match for platform");
  }

  @Test
  void anIndexForBothRunsTheImageOfThisMachine() throws IOException, InterruptedException {
    byte[] archive = new ImageIndex(NAME).image(ofThisMachine()).image(wasi()).build();
    assertThat(imported(archive, "--all-platforms").status()).isZero();

    assertThat(run().status()).isEqualTo(7);
    assertThat(run("--platform", "wasi/wasm").out()).startsWith("hello from wasm");
  }
}
