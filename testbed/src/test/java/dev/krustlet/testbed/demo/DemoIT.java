package dev.krustlet.testbed.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.Command;
import dev.krustlet.testbed.Installation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class DemoIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @ParameterizedTest
  @MethodSource("dev.krustlet.testbed.Installation#ofBuild")
  void whatThePageSaysIsShown(Installation installation) throws IOException, InterruptedException {
    var shown = new ByteArrayOutputStream();
    Demo.run(installation, new Screen(new PrintStream(shown, true, StandardCharsets.UTF_8), false));
    assertThat(shown.toString(StandardCharsets.UTF_8))
        .contains("hello    | env GREETING=good morning")
        .contains("sidecar  | 1\n  sidecar  | 2\n")
        .contains("hello was told to end with 42 and ended with 42")
        .containsPattern("counter +wasm +\\d+\\.\\d ms +[1-9]\\d* KiB")
        .containsPattern("sidecar +native +\\d+\\.\\d ms +[1-9]\\d* KiB")
        .containsOnlyOnce("daemon, Java")
        .containsOnlyOnce("engine, Wasmtime")
        .contains("left over: 0");
  }

  @Test
  void ctrlCTakesEverythingAway(@TempDir Path outputs) throws IOException, InterruptedException {
    var words =
        List.of(
            "env",
            "--default-signal=INT", // which a build in the background of a shell has ignored
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-Dkrustlet.root=" + Installation.ofBuild().getFirst().root(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            Demo.class.getName());
    try (Command demo = Command.start(words, Map.of("PATH", System.getenv("PATH")), outputs)) {
      Await.until("a pod", SOON, () -> demo.out().contains("counter  wasm"));
      Path bed = Path.of(demo.out().replaceFirst("(?s).* in (/\\S+) .*", "$1"));
      assertThat(bed).isDirectory();

      demo.signal("INT");

      assertThat(demo.await(SOON).status()).isEqualTo(130);
      assertThat(bed).doesNotExist();
      assertThat(Files.readString(Path.of("/proc/mounts"))).doesNotContain(bed.toString());
      assertThat(Path.of("/sys/class/net", bed.getFileName().toString())).doesNotExist();
    }
  }
}
