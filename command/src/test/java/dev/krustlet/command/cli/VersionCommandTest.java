package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
final class VersionCommandTest {
  @TempDir Path directory;
  private Krustlet krustlet;

  @BeforeEach
  void install() throws IOException {
    krustlet = Krustlet.installed(directory);
  }

  @Test
  void eachVersionHasALine() throws IOException {
    var outcome = krustlet.call("version");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out().lines())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("krustlet     1.2.3-abc"),
            line -> assertThat(line).isEqualTo("java         " + Runtime.version()),
            line -> assertThat(line).matches("wasmtime     48\\.\\d+\\.\\d+"),
            line -> assertThat(line).matches("engine       \\d+\\.\\d+\\.\\d+"),
            line -> assertThat(line).matches("engine-hash  [0-9a-f]{32}"));
  }

  @Test
  void programsGetThemAsJson() throws IOException {
    var versions = JsonParser.parseString(krustlet.call("version", "--json").out());

    assertThat(versions.getAsJsonObject().keySet())
        .containsExactly("krustlet", "java", "wasmtime", "engine", "engine-hash");
  }

  @Test
  void anInstallationWithoutItsVersionIs69() throws IOException {
    Files.delete(directory.resolve("version"));

    assertThat(krustlet.call("version").status()).isEqualTo(69);
  }

  @Test
  void anEngineThatIsNoneIs70() throws IOException {
    var outcome = krustlet.withEngine(Path.of("/bin/false")).call("version");

    assertThat(outcome.status()).isEqualTo(70);
    assertThat(outcome.err()).contains("/bin/false", "status 1");
  }

  @Test
  void anEngineOfAnotherMakeIsNamed() {
    assertThatThrownBy(() -> EngineVersion.parse("engine_version=1\n"))
        .hasMessageContaining("wasmtime_version");
  }

  @Test
  void aCacheDirectoryThatIsNotAbsoluteDoesNotCount() {
    assertThat(Installation.userCacheBase("/c", "/h")).isEqualTo(Path.of("/c"));
    assertThat(Installation.userCacheBase("c", "/h")).isEqualTo(Path.of("/h/.cache"));
    assertThat(Installation.userCacheBase(null, "h"))
        .isEqualTo(Installation.userCacheBase("", null));
    assertThat(Installation.userCacheBase("", null))
        .isEqualTo(Path.of(System.getProperty("user.home"), ".cache"));
  }
}
