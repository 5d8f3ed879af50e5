package dev.krustlet.runtimeclass;

import static org.assertj.core.api.Assertions.assertThat;

import com.electronwill.nightconfig.core.UnmodifiableConfig;
import com.electronwill.nightconfig.toml.TomlParser;
import java.io.IOException;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the README has an administrator paste into containerd's config fits the RuntimeClass.
final class DocumentedConfigTest {
  private static final Pattern TOML = Pattern.compile("(?ms)^ *```toml\n(.*?)^ *```$");

  private static UnmodifiableConfig documented(int version) throws IOException {
    return TOML.matcher(Checkout.text("README.md"))
        .results()
        .map((MatchResult block) -> new TomlParser().parse(block.group(1)))
        .filter(config -> config.getIntOrElse("version", 0) == version)
        .findFirst()
        .orElseThrow(() -> new AssertionError("README has no toml block of version " + version));
  }

  @ParameterizedTest
  @CsvSource({"2, io.containerd.grpc.v1.cri", "4, io.containerd.cri.v1.runtime"})
  void theHandlerIsTheRuntimeOfTheReadme(int version, String plugin) throws IOException {
    var manifest = Node.document(Checkout.text("runtimeclass/krustlet.yaml"));
    var runtime =
        List.of("plugins", plugin, "containerd", "runtimes", manifest.at("handler").text());

    UnmodifiableConfig config = documented(version).get(runtime);

    assertThat(config.<String>get("runtime_type")).isEqualTo("io.containerd.krustlet.v1");
  }

  /// containerd 1.6 wants it as soon as any runtime is named; version 2 is its version.
  @Test
  void theDefaultRuntimeStaysNamed() throws IOException {
    UnmodifiableConfig runtimes =
        documented(2)
            .get(List.of("plugins", "io.containerd.grpc.v1.cri", "containerd", "runtimes"));

    assertThat(runtimes.<String>get(List.of("runc", "runtime_type")))
        .isEqualTo("io.containerd.runc.v2");
  }

  /// The driver is set for the runtime that the README adds.
  @Test
  void systemdsDriverIsSetWhereContainerdReadsIt() throws IOException {
    UnmodifiableConfig options =
        documented(0)
            .get(
                List.of(
                    "plugins",
                    "io.containerd.cri.v1.runtime",
                    "containerd",
                    "runtimes",
                    "krustlet",
                    "options"));

    assertThat(options.<Boolean>get("SystemdCgroup")).isTrue();
  }

  /// A policy that does not arrive is no policy, and nobody would tell.
  @ParameterizedTest
  @CsvSource({"2, io.containerd.grpc.v1.cri", "4, io.containerd.cri.v1.runtime"})
  void annotationsArePassedOn(int version, String plugin) throws IOException {
    UnmodifiableConfig runtime =
        documented(version).get(List.of("plugins", plugin, "containerd", "runtimes", "krustlet"));

    for (String which : List.of("pod_annotations", "container_annotations")) {
      assertThat(runtime.<List<String>>get(which))
          .containsExactly("krustlet.dev/*", "alpha.wasi.krustlet.dev/*");
    }
  }
}
