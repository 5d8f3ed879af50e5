package dev.krustlet.shim.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.ttrpc.Code;
import org.junit.jupiter.api.Test;

final class WireTest {
  @Test
  void aSentenceKeepsItsBeginningAndItsEndWhateverItQuotes() {
    assertThat(Wire.bounded("exec `a`: no such file")).isEqualTo("exec `a`: no such file");
    assertThat(Wire.bounded("exec `" + "a".repeat(5 << 20) + "`: no such file"))
        .startsWith("exec `aaa")
        .contains("… (5238805 characters) …")
        .endsWith("a`: no such file")
        .hasSizeLessThan(5000);
  }

  @Test
  void everyClassOfRefusalIsTheCodeOfItsNameAndBack() {
    for (TaskException.Code code : TaskException.Code.values()) {
      Code told = Wire.refusal(new TaskException(code, "no")).code();

      assertThat(told.name()).isEqualTo(code.name());
      assertThat(TaskException.Code.of(told.number())).isEqualTo(code);
    }
    assertThat(TaskException.Code.of(Code.INTERNAL.number())).isEqualTo(TaskException.Code.UNKNOWN);
  }
}
