package dev.krustlet.shim.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.krustlet.shim.engine.TaskException.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StdioTest {
  @Test
  void pathsAndFileUrisAreFiles() throws TaskException {
    assertThat(Stdio.file("")).isEmpty();
    assertThat(Stdio.file("/run/fifo")).isEqualTo("/run/fifo");
    assertThat(Stdio.file("file:///log/with%20space")).isEqualTo("/log/with space");
    assertThat(Stdio.file("file:/log/out")).isEqualTo("/log/out");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file://log/out", "file:out", "file:///log/with space", "file:"})
  void whatNamesNoFileOfThisNodeIsRefused(String target) {
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> Stdio.file(target))
        .withMessage("cannot log to %s: it names no file of this node; write file:///PATH", target)
        .satisfies(e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT));
  }

  @Test
  void otherUrisAreRefusedByName() {
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> Stdio.file("http://host/log"))
        .withMessageContaining("http://host/log")
        .satisfies(e -> assertThat(e.code()).isEqualTo(Code.UNIMPLEMENTED));
  }
}
