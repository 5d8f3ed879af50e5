package dev.krustlet.command.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ComponentWorldTest {
  private static final String PREAMBLE = "0061736d0d000100";

  private static ComponentWorld of(String sections) {
    return ComponentWorld.of(HexFormat.of().parseHex(PREAMBLE + sections));
  }

  /// A core module, a function, a type equal to another, a resource, a component, an instance, a
  /// value equal to another, a value of a type.
  @Test
  void everyKindOfImportIsPassedOver() {
    var world =
        of(
            "0a2d08"
                + "000161001103"
                + "0001620105"
                + "000163030001"
                + "0101640301"
                + "0001650400"
                + "0001660501"
                + "000167020001"
                + "00016802017f");

    assertThat(world.imports()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h");
    assertThat(world.exports()).isEmpty();
  }

  /// A function, a core module, and an instance whose type is ascribed, after a section of another
  /// kind.
  @Test
  void everyKindOfExportIsPassedOver() {
    var world =
        of("0003016100" + "0b1603" + "000170010500" + "00017100110000" + "0001720502010503");

    assertThat(world.imports()).isEmpty();
    assertThat(world.exports()).containsExactly("p", "q", "r");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0a", "0a05", "0aff", "0a0401000561", "0affffffffff", "0a0401020161"})
  void damageIsNamedAsSuch(String sections) {
    assertThatThrownBy(() -> of(sections))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("what the component imports and exports cannot be read");
  }
}
