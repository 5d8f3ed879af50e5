package dev.krustlet.runtimeclass;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every manifest of the examples can be applied as it stands, and names images that the examples
/// build.
final class ExamplesTest {
  private static final String OURS = "localhost/krustlet/";
  private static final Set<String> PREVIEW_1 = Set.of("file-server", "memory");
  private static final byte[] WASM_MAGIC = {0, 'a', 's', 'm'};
  private static final Pattern DOCKERFILE =
      Pattern.compile("FROM scratch\nCOPY (\\S+) (/\\S+)\nENTRYPOINT \\[\"(/\\S+)\"]\n");

  static List<String> examples() throws IOException {
    return Checkout.examples();
  }

  static List<String> guests() throws IOException {
    return Checkout.examples().stream()
        .filter(name -> Files.exists(Checkout.file("examples/%s/Dockerfile".formatted(name))))
        .toList();
  }

  private static Stream<Node> pods(String example) throws IOException {
    return Node.documents(Checkout.text("examples/%s/pod.yaml".formatted(example))).stream()
        .filter(document -> document.at("kind").text().equals("Pod"));
  }

  /// The specs of its pods, those that a Deployment makes too.
  private static List<Node> specs(String example) throws IOException {
    var specs = new ArrayList<>(pods(example).map(pod -> pod.at("spec")).toList());
    var deployment = "examples/%s/deployment.yaml".formatted(example);
    if (Files.exists(Checkout.file(deployment))) {
      Node.documents(Checkout.text(deployment)).stream()
          .filter(document -> document.at("kind").text().equals("Deployment"))
          .map(document -> document.at("spec").at("template").at("spec"))
          .forEach(specs::add);
    }
    return specs;
  }

  private static List<Node> containers(String example) throws IOException {
    return specs(example).stream().flatMap(spec -> spec.at("containers").items().stream()).toList();
  }

  @Test
  void thereIsOneForEverythingTheReadmeLists() throws IOException {
    assertThat(Checkout.examples())
        .containsExactly(
            "counter",
            "echo",
            "fetch",
            "file-server",
            "files",
            "hello",
            "keyvalue-counter",
            "memory",
            "mixed",
            "relay",
            "web");
    // The pod that mixes both kinds uses the guest of another example.
    assertThat(guests())
        .containsExactlyElementsOf(
            Checkout.examples().stream().filter(name -> !name.equals("mixed")).toList());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void itsPodAsksForKrustlet(String example) throws IOException {
    assertThat(pods(example))
        .singleElement()
        .satisfies(pod -> assertThat(pod.at("apiVersion").text()).isEqualTo("v1"))
        .satisfies(pod -> assertThat(pod.at("metadata").at("name").text()).isEqualTo(example));
    assertThat(specs(example))
        .allSatisfy(spec -> assertThat(spec.at("runtimeClassName").text()).isEqualTo("krustlet"));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void itsContainersAreBoundedAndUnprivileged(String example) throws IOException {
    assertThat(containers(example))
        .isNotEmpty()
        .allSatisfy(container -> {
          var security = container.at("securityContext");
          assertThat(container.at("resources").at("limits").keys()).contains("memory");
          assertThat(security.at("capabilities").at("drop").texts()).containsExactly("ALL");
          assertThat(security.at("allowPrivilegeEscalation").value()).isEqualTo(false);
          assertThat(security.at("readOnlyRootFilesystem").value()).isEqualTo(true);
        });
  }

  @ParameterizedTest
  @MethodSource("examples")
  void itsImagesAreBuiltHereOrBringTheirCommand(String example) throws IOException {
    assertThat(containers(example))
        .allSatisfy(container -> {
          var image = container.at("image").text();
          if (image.startsWith(OURS)) {
            assertThat(guests()).contains(guestOf(image));
            assertThat(container.find("command")).isEmpty();
          } else {
            assertThat(container.at("command").texts()).isNotEmpty();
          }
        });
  }

  private static String guestOf(String image) {
    assertThat(image).endsWith(":latest");
    return image.substring(OURS.length(), image.length() - ":latest".length());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyMountHasItsVolume(String example) throws IOException {
    var volumes =
        specs(example).stream()
            .flatMap(spec -> spec.find("volumes").stream())
            .flatMap(list -> list.items().stream())
            .map(volume -> volume.at("name").text())
            .toList();

    var mounted =
        containers(example).stream()
            .flatMap(container -> container.find("volumeMounts").stream())
            .flatMap(list -> list.items().stream())
            .map(mount -> mount.at("name").text())
            .distinct();

    assertThat(mounted).containsExactlyInAnyOrderElementsOf(volumes);
  }

  @ParameterizedTest
  @MethodSource("guests")
  void itsImageHoldsTheModuleItStarts(String example) throws IOException {
    var folder = "examples/%s/".formatted(example);
    var matcher = DOCKERFILE.matcher(Checkout.text(folder + "Dockerfile"));

    assertThat(matcher.matches()).isTrue();
    assertThat(matcher.group(3)).isEqualTo(matcher.group(2));
    assertThat(Files.readAllBytes(Checkout.file(folder + matcher.group(1))))
        .startsWith(WASM_MAGIC)
        .hasSizeLessThan(256 << 10);
  }

  @ParameterizedTest
  @MethodSource("guests")
  void itsReadmeGivesTheLineThatBuildsIt(String example) throws IOException {
    var build = compiler(example).formatted(example);

    assertThat(Checkout.text("examples/%s/README.md".formatted(example))).contains(build);
  }

  private static String compiler(String example) throws IOException {
    if (Files.exists(Checkout.file("examples/%1$s/%1$s.c".formatted(example)))) {
      return "clang --target=wasm32-wasi -Oz -Wall -Wextra -Werror -Wl,--strip-all"
          + " -o %1$s.wasm %1$s.c";
    }
    if (Files.exists(Checkout.file("examples/%s/Cargo.toml".formatted(example)))) {
      return "cargo build --release --locked --target wasm32-wasip2\n"
          + "    cp target/wasm32-wasip2/release/%1$s.wasm .";
    }
    var target = PREVIEW_1.contains(example) ? "wasm32-wasip1" : "wasm32-wasip2";
    return "rustc --edition 2024 --target "
        + target
        + " -D warnings -C opt-level=z -C lto"
        + " -C codegen-units=1 -C panic=abort -C strip=symbols -o %1$s.wasm %1$s.rs";
  }
}
