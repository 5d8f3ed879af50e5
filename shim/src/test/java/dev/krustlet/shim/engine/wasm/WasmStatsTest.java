package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.engine.v1.StatsResponse;
import org.junit.jupiter.api.Test;

final class WasmStatsTest {
  @Test
  void aServiceThatIsIdleHasSomeMemory() {
    var idle = WasmStats.of(StatsResponse.newBuilder().setMemoryPeakBytes(1 << 20).build());

    assertThat(idle.memory().usage()).isPositive();
    assertThat(idle.memory().pages().anonymous()).isEqualTo(idle.memory().usage());
    assertThat(idle.memory().peak()).isEqualTo(1 << 20);
  }

  @Test
  void whatAGuestHasIsTold() {
    var busy = WasmStats.of(StatsResponse.newBuilder().setMemoryResidentBytes(3 << 20).build());

    assertThat(busy.memory().usage()).isEqualTo(3 << 20);
  }
}
