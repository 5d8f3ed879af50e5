package dev.krustlet.shim.rpc;

import dev.krustlet.proto.cgroups.v2.PSIData;
import dev.krustlet.proto.cgroups.v2.PSIStats;
import dev.krustlet.shim.engine.Stats;
import java.util.Optional;

/// Pressure as the metrics message of cgroup v2 has it. One that the kernel does not tell of is
/// left out: a zero would say that nobody waits.
final class Pressures {
  private Pressures() {}

  /// @param resource `cpu`, `memory` or `io`
  static Optional<PSIStats> of(Stats stats, String resource) {
    return Optional.ofNullable(stats.pressure().get(resource)).map(Pressures::message);
  }

  private static PSIStats message(Stats.Pressure pressure) {
    var message = PSIStats.newBuilder().setSome(message(pressure.some()));
    pressure.full().map(Pressures::message).ifPresent(message::setFull);
    return message.build();
  }

  private static PSIData message(Stats.Pressure.Share share) {
    return PSIData.newBuilder()
        .setAvg10(share.avg10())
        .setAvg60(share.avg60())
        .setAvg300(share.avg300())
        .setTotal(share.totalMicros())
        .build();
  }
}
