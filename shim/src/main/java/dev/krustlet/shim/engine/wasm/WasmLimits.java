package dev.krustlet.shim.engine.wasm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.krustlet.proto.engine.v1.Limits;
import dev.krustlet.proto.engine.v1.UpdateRequest;
import dev.krustlet.proto.engine.v1.UpdateResponse;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.oci.Resources;
import java.util.concurrent.locks.ReentrantLock;

/// The limits of one container as the engine has them. An OCI document names those that change; the
/// engine is told all of them.
final class WasmLimits {
  private final EngineProcess engine;
  private final String id;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private Limits now;

  WasmLimits(EngineProcess engine, String id, Limits now) {
    this.engine = engine;
    this.id = id;
    this.now = now;
  }

  /// What a document means beside limits in force: 0 leaves one as it is, -1 takes it away.
  static Limits merge(Limits before, Resources resources) {
    return Limits.newBuilder()
        .setMemoryBytes(merge(before.getMemoryBytes(), resources.memory().limit()))
        .setCpuQuotaUs(merge(before.getCpuQuotaUs(), resources.cpu().quota()))
        .setCpuPeriodUs(merge(before.getCpuPeriodUs(), resources.cpu().period()))
        .setCpuShares(merge(before.getCpuShares(), resources.cpu().shares()))
        .build();
  }

  void update(Resources resources) throws TaskException, InterruptedException {
    lock.lockInterruptibly();
    try {
      Limits wanted = merge(now, resources);
      engine.call(
          "Update",
          UpdateRequest.newBuilder().setId(id).setLimits(wanted).build(),
          UpdateResponse.parser());
      now = wanted;
    } finally {
      lock.unlock();
    }
  }

  private static long merge(long before, long wanted) {
    return wanted == 0 ? before : Math.max(0, wanted);
  }
}
