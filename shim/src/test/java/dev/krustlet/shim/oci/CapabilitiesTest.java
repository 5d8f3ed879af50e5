package dev.krustlet.shim.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {
  @Test
  void onlyRootHoldsMoreThanTheAmbientOnes() {
    var capabilities =
        new Capabilities(
            null, List.of("CAP_DAC_OVERRIDE", "CAP_CHOWN"), null, null, List.of("CAP_CHOWN"));
    assertThat(capabilities.held(0)).containsExactly("CAP_DAC_OVERRIDE", "CAP_CHOWN");
    assertThat(capabilities.held(1000)).containsExactly("CAP_CHOWN");
    assertThat(Capabilities.NONE.held(1000)).isEmpty();
  }
}
