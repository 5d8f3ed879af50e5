package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Modules that are compiled before their first start, and machine code that is never taken from an
/// image.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class WarmIT {
  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  private final BuiltImages images;

  WarmIT(Installation installation) {
    assertThat(node.containerd().installation()).isEqualTo(installation);
    this.images = new BuiltImages(node.containerd());
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

  private Finished warm(String... more) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("cache", "warm"));
    words.addAll(List.of("--address", node.containerd().socket().toString()));
    words.addAll(List.of("--namespace", node.containerd().namespace()));
    words.addAll(Arrays.asList(more));
    return images.krustlet(words.toArray(String[]::new));
  }

  /// When each module's code was written.
  private static Map<Path, FileTime> code() throws IOException {
    Map<Path, FileTime> code = new TreeMap<>();
    Path cache = node.bed().path().resolve("cache");
    if (Files.exists(cache)) {
      try (var files = Files.walk(cache)) {
        for (Path each : files.filter(it -> it.toString().endsWith(".cwasm")).toList()) {
          code.put(each, Files.getLastModifiedTime(each));
        }
      }
    }
    return code;
  }

  @Test
  void theFirstStartOfAWarmImageCompilesNothing() throws IOException, InterruptedException {
    images.load("hello", "localhost/warm:1", "");
    node.succeed("images", "ls");

    Finished warm = warm("localhost/warm:1", "--json");
    Map<Path, FileTime> before = code();
    Finished run = node.containerd().run("--rm", "localhost/warm:1", "warm");

    assertThat(warm.status()).as(warm.err()).isZero();
    assertThat(warm.out()).contains("\"module\":\"/hello.wasm\"").contains("\"state\":\"");
    assertThat(before).isNotEmpty();
    assertThat(run.out()).startsWith("hello from wasm\n");
    assertThat(code()).isEqualTo(before);
    assertThat(warm("localhost/warm:1").out()).contains("was there");
  }

  @Test
  void aLayerThatIsAModuleIsWarmedToo() throws IOException, InterruptedException {
    images.load(
        "counter", "localhost/layer:1", "--wasm-layer", "--", "--interval", "0", "--count", "1");
    assertThat(warm("localhost/layer:1").out()).contains("counter.wasm").contains("compiled");
    assumeTrue(images.unpacksWithoutRoot(), "this containerd makes no container of it");
    Map<Path, FileTime> before = code();

    Finished run = node.containerd().run("--rm", "localhost/layer:1", "layer");

    assertThat(run.out()).as(run.err()).isEqualTo("1\n");
    assertThat(code()).isEqualTo(before);
  }

  @Test
  void everyModuleOfAnImageIsWarmedIfAllAreAskedFor() throws IOException, InterruptedException {
    Finished warm = warm(Guests.IMAGE, "--all");

    assertThat(warm.status()).as(warm.err()).isZero();
    assertThat(warm.err()).doesNotContain("WARNING");
    assertThat(warm.out())
        .contains("/hello.wasm", "/files.wasm", "/echo.wasm", "/keyvalue-counter.wasm")
        .doesNotContain("busybox", "text.txt");
    assertThat(warm("localhost/none:1").err()).contains("has no image localhost/none:1");
  }

  @Test
  void machineCodeInAnImageIsNoModule() throws IOException, InterruptedException {
    Path code = node.bed().path().resolve("hello.cwasm");
    Path hello = node.containerd().installation().example("hello");
    assertThat(images.krustlet("compile", hello.toString(), "-o", code.toString()).status())
        .isZero();
    Path archive = node.bed().path().resolve("native.tar");
    var image =
        new ImageArchive("localhost/native:1")
            .file("app.wasm", 0755, Files.readAllBytes(code))
            .entrypoint("/app.wasm");
    Files.write(archive, image.build());
    node.succeed("images", "import", archive.toString());
    Map<Path, FileTime> before = code();

    Finished run = node.containerd().run("--rm", "localhost/native:1", "native");

    assertThat(run.status()).isNotZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("exec format error");
    assertThat(warm("localhost/native:1").err()).contains("has no module where it starts");
    assertThat(code()).isEqualTo(before);
  }
}
