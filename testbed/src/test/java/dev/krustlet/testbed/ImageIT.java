package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.testbed.api.CallException;
import dev.krustlet.testbed.api.Containerd;
import dev.krustlet.testbed.api.Containers;
import dev.krustlet.testbed.api.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that `krustlet image build` makes, as containerd and krustlet take them.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuildAndLegacy")
final class ImageIT {
  private static final Path NOWHERE = Path.of("");

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  private final BuiltImages images;

  ImageIT(Installation installation) {
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

  private static String spec(String... words) {
    return """
    {"ociVersion":"1.0.2","process":{"user":{"uid":0,"gid":0},"args":["%s"],"cwd":"/"},
    "root":{"path":"rootfs"},"linux":{}}
    """
        .formatted(String.join("\",\"", words));
  }

  /// Runs a container whose root is empty, as containerd makes it of an image without a root.
  private static int status(String image, String... words) throws IOException, CallException {
    Path root = Files.createDirectories(node.bed().path().resolve("empty"));
    try (var containerd =
        Containerd.of(node.containerd().socket(), node.containerd().namespace())) {
      var containers = new Containers(containerd, PrivateContainerd.RUNTIME);
      var tasks = new Tasks(containerd);
      containers.create("bare", image, spec(words));
      try {
        tasks.create("bare", root, NOWHERE, NOWHERE);
        tasks.start("bare", "");
        tasks.await("bare", "");
        return tasks.delete("bare", "").status();
      } finally {
        containers.delete("bare");
      }
    }
  }

  @Test
  void anOrdinaryImageRuns() throws IOException, InterruptedException {
    images.load("hello", "localhost/built:1", "", "--", "one", "-2");

    Finished hello = node.containerd().run("--rm", "localhost/built:1", "built");

    assertThat(hello.out())
        .startsWith("hello from wasm\narg 0: /hello.wasm\narg 1: one\narg 2: -2\n");
    assertThat(hello.status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--wasm-layer", "--artifact"})
  void aModuleThatIsALayerRuns(String form)
      throws IOException, InterruptedException, CallException {
    String name = "localhost/built" + form.replace("--", ":");
    images.load("hello", name, form);

    assertThat(status(name, "/hello.wasm", "--exit", "42")).isEqualTo(42);
    assertThat(status(name, "anything", "--exit", "43")).isEqualTo(43);
  }

  @Test
  void aComponentThatIsALayerRuns() throws IOException, InterruptedException, CallException {
    images.load("echo", "localhost/echo:1", "--artifact");

    assertThat(status("localhost/echo:1", "/echo.wasm", "0.0.0.0:7")).isEqualTo(1);
  }

  @Test
  void anImageIsAskedForNothingThatIsNotThere() {
    assertThatThrownBy(() -> status(Guests.IMAGE, "/missing.wasm"))
        .isInstanceOf(CallException.class)
        .hasMessageContaining("exec `/missing.wasm`: no such file in the root of container bare");
    assertThatThrownBy(() -> status("localhost/none:1", "/missing.wasm"))
        .hasMessageContaining("no such file in the root");
  }

  @Test
  void anImageWithALayerBringsItsOwnCommand() throws IOException, InterruptedException {
    assumeTrue(images.unpacksWithoutRoot(), "this containerd makes no container of it");
    images.load("hello", "localhost/layer:1", "--wasm-layer", "--", "one");

    Finished hello = node.containerd().run("--rm", "localhost/layer:1", "layer");

    assertThat(hello.err()).isEmpty();
    assertThat(hello.out()).startsWith("hello from wasm\narg 0: /hello.wasm\narg 1: one\n");
  }
}
