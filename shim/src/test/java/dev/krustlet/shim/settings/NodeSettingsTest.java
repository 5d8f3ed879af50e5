package dev.krustlet.shim.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.policy.NodePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSettingsTest {
  @TempDir private Path directory;

  @Test
  void aMissingFileMeansTheDefaults() throws IOException {
    assertThat(NodeSettings.read(directory.resolve("none.toml"))).isEqualTo(NodeSettings.DEFAULT);
  }

  @Test
  void everyKeyIsRead() {
    var config =
        NodeSettings.parse(
            """
            idle_timeout = "2s"
            cache_dir = "/c"
            cache_size = "64Mi"
            log_dir = "/l"
            engine = "native"
            wasi3 = true
            """);

    assertThat(config)
        .isEqualTo(
            new NodeSettings(
                Duration.ofSeconds(2),
                Path.of("/c"),
                64L << 20,
                Path.of("/l"),
                true,
                NodePolicy.DEFAULT));
  }

  @Test
  void anUnknownKeyIsNamedWithTheFile() throws IOException {
    Path file = Files.writeString(directory.resolve("config.toml"), "idle_timeuot = \"2s\"\n");

    assertThatThrownBy(() -> NodeSettings.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(file.toString(), "idle_timeuot");
  }

  @Test
  void theEngineThatRunsNoContainersIsRefusedWithTheReason() {
    assertThatThrownBy(() -> NodeSettings.parse("engine = \"portable\""))
        .hasMessageContainingAll("'portable'", "runs no containers", "krustlet run");
    assertThatThrownBy(() -> NodeSettings.parse("engine = \"spidermonkey\""))
        .hasMessageContainingAll("'native'", "'spidermonkey'");
  }

  @Test
  void aValueOfTheWrongKindIsRefused() {
    assertThatThrownBy(() -> NodeSettings.parse("idle_timeout = 5"))
        .hasMessageContaining("idle_timeout");
    assertThatThrownBy(() -> NodeSettings.parse("idle_timeout = \"soon\""))
        .hasMessageContaining("soon");
    assertThatThrownBy(() -> NodeSettings.parse("cache_size = \"big\""))
        .hasMessageContaining("big");
    assertThatThrownBy(() -> NodeSettings.parse("wasi3 = \"yes\"")).hasMessageContaining("wasi3");
  }
}
