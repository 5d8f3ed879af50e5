package dev.krustlet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void readsTheMemoryOfMeminfo() {
    String meminfo = "MemTotal:       24683852 kB\nMemFree:        20623900 kB\n";

    assertThat(Machine.memory(meminfo)).isEqualTo(24_683_852L * 1024);
  }

  @Test
  void readsTheLoadOfTheLastMinute() {
    assertThat(Machine.load("10.60 19.03 12.81 3/287 5432\n")).isEqualTo(10.6);
  }
}
