package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that `krustlet image build` makes, as containerd takes them.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class ImageIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  private final Installation installation;

  ImageIT(Installation installation) {
    this.installation = installation;
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

  private Path build(String name, String... words) throws IOException, InterruptedException {
    Path archive = node.bed().path().resolve("built.tar");
    var command = new ArrayList<String>();
    command.add(installation.krustlet().resolve("krustlet").toString());
    command.addAll(
        List.of("image", "build", installation.example("hello").toString(), "--tag", name));
    command.addAll(List.of("--output", archive.toString()));
    command.addAll(Arrays.asList(words));
    try (Command run =
        Command.start(command, node.containerd().environment(), node.bed().outputs())) {
      Finished built = run.await(DEADLINE);
      assertThat(built.status()).as(built.err()).isZero();
      assertThat(built.out()).contains(name + "@sha256:");
    }
    return archive;
  }

  @Test
  void anOrdinaryImageRuns() throws IOException, InterruptedException {
    node.succeed("images", "import", build("localhost/built:1", "--", "one", "-2").toString());

    Finished hello = node.containerd().run("--rm", "localhost/built:1", "built");

    assertThat(hello.out())
        .startsWith("hello from wasm\narg 0: /hello.wasm\narg 1: one\narg 2: -2\n");
    assertThat(hello.status()).isZero();
  }

  /// containerd before 1.6.25 takes them unless it is to unpack them.
  @ParameterizedTest
  @ValueSource(strings = {"--wasm-layer", "--artifact"})
  void imagesWithoutARootAreTakenAsWell(String form) throws IOException, InterruptedException {
    String name = "localhost/built" + form.replace("--", ":");
    String archive = build(name, form).toString();

    if (installation.containerdMajor() < 2) {
      node.succeed("images", "import", "--no-unpack", archive);
    } else {
      node.succeed("images", "import", archive);
    }

    assertThat(node.succeed("images", "list", "--quiet").out().lines()).contains(name);
  }
}
