package dev.krustlet.testbed.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Load.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void helpNamesTheOptions() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("--seconds", "--connections", "--restarts", "--containerd");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--seconds=0", "--connections=-3", "--restarts=many"})
  void refusesWhatIsNoLoadBeforeItStartsAnything(String option) {
    assertThat(run(option)).isEqualTo(64);
    assertThat(err.toString())
        .containsAnyOf("a number from 1 on is wanted", option.split("=", -1)[0]);
  }
}
