package dev.krustlet.shim.engine.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Programs that take what a container writes.
@Timeout(60)
class LogProgramTest {
  @TempDir private Path directory;
  private Outputs outputs;

  @BeforeEach
  void prepare() {
    outputs = new Outputs(directory, "k8s.io");
  }

  private String program(String scheme, String script) throws IOException {
    Path file = directory.resolve("program");
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return "%s://%s?to=%s/log".formatted(scheme, file, directory);
  }

  private Output open(String target) throws TaskException, InterruptedException {
    return outputs.open(new Stdio("", target, target, false), "init", "c");
  }

  private String log() throws IOException {
    return Files.readString(directory.resolve("log"));
  }

  @Test
  void aUriIsAProgramAndItsArgumentsInTurn() throws TaskException {
    var uri = LogUri.parse("binary:///opt/my%20log?a=b%20c&d&e=f+g");

    assertThat(uri.program()).isEqualTo(Path.of("/opt/my log"));
    assertThat(uri.arguments()).containsExactly("a", "b c", "d", "", "e", "f g");
    assertThat(LogUri.parse("binary:///opt/log").arguments()).isEmpty();
    assertThatThrownBy(() -> LogUri.parse("binary://host"))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT))
        .hasMessageContaining("binary://host");
  }

  @Test
  void itReadsBothStreamsToTheirEnd() throws IOException, TaskException, InterruptedException {
    var output =
        open(
            program(
                "binary",
                """
                exec 5>&-
                { echo "$1 $CONTAINER_ID of $CONTAINER_NAMESPACE"; cat <&3; cat <&4; } >"$2"
                """));
    Files.writeString(Path.of(output.stdio().stdout()), "said\n");
    Files.writeString(Path.of(output.stdio().stderr()), "complained\n");

    output.letGo();
    output.close();

    assertThat(log()).isEqualTo("to c of k8s.io\nsaid\ncomplained\n");
    assertThat(Path.of(output.stdio().stdout())).doesNotExist();
    output.close();
  }

  @Test
  void theSecondVersionWantsAByte() throws IOException, TaskException, InterruptedException {
    String mute = program("binary-v2", "exit 0");
    assertThatThrownBy(() -> open(mute))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("cannot log c with " + directory.resolve("program"))
        .hasMessageContaining("ready");

    open(program("binary-v2", "echo >&5; cat <&3 >\"$2\"")).close();
    assertThat(log()).isEmpty();
  }

  @Test
  void whatIsNoProgramIsSaid() {
    assertThatThrownBy(() -> open("binary:///no/such/program"))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("/no/such/program: it is no program");
  }

  @Test
  void oneThatGoesOnIsToldToEnd() throws IOException, TaskException, InterruptedException {
    Path told = directory.resolve("told");
    var kept = new ProcessBuilder("mkfifo", told.toString()).start();
    assertThat(kept.waitFor()).isZero();
    var output =
        open(
            program(
                "binary",
                """
                trap 'echo told >%s; exit' TERM
                exec 5>&-
                while :; do sleep 0.1; done
                """
                    .formatted(told)));

    output.close();

    assertThat(Files.readString(told)).isEqualTo("told\n");
  }

  @Test
  void otherStreamsAreLeftAlone() throws TaskException, InterruptedException {
    var asked = new Stdio("/in", "/out", "/err", false);
    assertThat(outputs.open(asked, "init", "c").stdio()).isEqualTo(asked);
  }
}
