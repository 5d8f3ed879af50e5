package dev.krustlet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Bench.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void helpNamesTheOptions() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("--iterations", "--json", "--containerd");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-3", "many"})
  void refusesIterationsThatAreNoneBeforeItStartsAnything(String iterations) {
    assertThat(run("--iterations", iterations)).isEqualTo(64);
    assertThat(err.toString()).contains("--iterations");
  }

  @Test
  void saysWhichContainerdItCannotRun() {
    assertThat(run("--containerd", "/nonexistent")).isEqualTo(74);
    assertThat(err.toString()).startsWith("bench: ").contains("/nonexistent");
  }
}
