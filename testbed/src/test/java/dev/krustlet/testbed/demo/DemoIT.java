package dev.krustlet.testbed.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.Installation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class DemoIT {
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
}
