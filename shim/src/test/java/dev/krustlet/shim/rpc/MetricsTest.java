package dev.krustlet.shim.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.Stats.Memory.PageFaults;
import dev.krustlet.shim.engine.Stats.Memory.Pages;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a collector reads must be what containerd's own library reads of the same files.
class MetricsTest {
  private static Stats stats(Map<String, Long> kernel) {
    return stats(kernel, Map.of());
  }

  private static Stats stats(Map<String, Long> kernel, Map<String, Stats.Pressure> pressure) {
    return new Stats(
        new Stats.Cpu(1, 2, 3, 4, 5, 6),
        new Stats.Memory(100, 0, 200, new Pages(30, 40, 50), new PageFaults(60, 70), 2, 9),
        new Stats.Pids(3, 0),
        kernel,
        List.of(),
        List.of(),
        pressure);
  }

  private static dev.krustlet.proto.cgroups.v2.Metrics v2(Map<String, Long> kernel)
      throws InvalidProtocolBufferException {
    return dev.krustlet.proto.cgroups.v2.Metrics.parseFrom(
        Metrics.of(stats(kernel), CgroupVersion.V2).getValue());
  }

  private static dev.krustlet.proto.cgroups.v1.Metrics v1(Map<String, Long> kernel)
      throws InvalidProtocolBufferException {
    return dev.krustlet.proto.cgroups.v1.Metrics.parseFrom(
        Metrics.of(stats(kernel), CgroupVersion.V1).getValue());
  }

  @Test
  void noLimitOfProcessesIsEachVersionsOwn() throws InvalidProtocolBufferException {
    assertThat(v2(Map.of()).getPids().getLimit()).isEqualTo(-1L);
    assertThat(v1(Map.of()).getPids().getLimit()).isZero();
  }

  /// Memory ran out seven times, and two processes were killed for it.
  @Test
  void runningOutOfMemoryIsNotToBeKilledForIt() throws InvalidProtocolBufferException {
    var events =
        v2(Map.of("memory.events.oom", 7L, "memory.events.oom_kill", 2L)).getMemoryEvents();
    assertThat(events.getOom()).isEqualTo(7);
    assertThat(events.getOomKill()).isEqualTo(2);
    assertThat(v2(Map.of()).getMemoryEvents().getOom()).as("of a guest").isEqualTo(2);
  }

  @Test
  void whatTheGroupHasAloneIsApartFromItsTotals() throws InvalidProtocolBufferException {
    var memory = v1(Map.of("cache", 4L, "rss", 5L, "pgfault", 6L)).getMemory();
    assertThat(memory.getCache()).isEqualTo(4);
    assertThat(memory.getTotalCache()).isEqualTo(40);
    assertThat(memory.getRss()).isEqualTo(5);
    assertThat(memory.getTotalRss()).isEqualTo(30);
    assertThat(memory.getPgFault()).isEqualTo(6);
    assertThat(v1(Map.of()).getMemory().getRss()).as("of a guest").isEqualTo(30);
  }

  @Test
  void pressureIsToldWhereTheKernelTellsIt() throws InvalidProtocolBufferException {
    var some = new Stats.Pressure.Share(1.5, 2.25, 3, 4_000_000);
    var full = new Stats.Pressure.Share(0.5, 0, 0, 9);
    var metrics =
        dev.krustlet.proto.cgroups.v2.Metrics.parseFrom(
            Metrics.of(
                    stats(
                        Map.of(),
                        Map.of(
                            "cpu", new Stats.Pressure(some, Optional.empty()),
                            "io", new Stats.Pressure(some, Optional.of(full)))),
                    CgroupVersion.V2)
                .getValue());

    var cpu = metrics.getCpu().getPsi();
    assertThat(cpu.getSome().getAvg10()).isEqualTo(1.5);
    assertThat(cpu.getSome().getAvg60()).isEqualTo(2.25);
    assertThat(cpu.getSome().getAvg300()).isEqualTo(3);
    assertThat(cpu.getSome().getTotal()).isEqualTo(4_000_000);
    assertThat(cpu.hasFull()).isFalse();
    assertThat(metrics.getIo().getPsi().getFull().getTotal()).isEqualTo(9);
    assertThat(metrics.getMemory().hasPsi()).isFalse();
    assertThat(v2(Map.of()).getCpu().hasPsi()).as("of a guest").isFalse();
  }
}
