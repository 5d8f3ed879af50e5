package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.policy.Bound;
import dev.krustlet.shim.policy.NodePolicy;
import dev.krustlet.shim.policy.WasmFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A policy as containers of a real engine meet it.
@Tag("engine")
@Timeout(120)
class PolicyCallsTest {
  private static final String SPIN = "(module (func (export \"_start\") (loop (br 0))))";
  private static final String TAIL =
      "(module (func $end) (func (export \"_start\") return_call $end))";

  private static final NodePolicy STRICT =
      new NodePolicy(
          NodePolicy.DEFAULT.outbound(),
          NodePolicy.DEFAULT.inbound(),
          true,
          Set.of(WasmFeature.SIMD),
          true,
          Map.of(Bound.CPU_TIME, 20L),
          Map.of(),
          false,
          false);

  @TempDir private Path directory;

  @Test
  void theNodesCeilingEndsAGuestThatAsksForNothing()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    try (var bed = new WasmBed(directory, STRICT)) {
      Container spinning = bed.annotated("c", SPIN, "");
      spinning.start();

      assertThat(WasmBed.status(spinning.exited())).isEqualTo(152);
      spinning.delete();
    }
  }

  @Test
  void aModuleThatNeedsWhatTheNodeDoesNotAllowIsRefusedEachTime() throws IOException {
    try (var bed = new WasmBed(directory, STRICT)) {
      for (String id : new String[] {"first", "second"}) {
        assertThatThrownBy(() -> bed.annotated(id, TAIL, ""))
            .isInstanceOf(TaskException.class)
            .hasMessageContainingAll("`/other.wat`", "tail-calls", "simd");
      }
    }
  }

  @Test
  void anExecIsHeldToThePolicyOfItsContainer()
      throws IOException, SpecException, TaskException, InterruptedException {
    try (var bed = new WasmBed(directory)) {
      String simd = "\"krustlet.dev/wasm-features\":\"simd\"";
      Container container = bed.annotated("c", SPIN, simd);
      container.start();
      assertThatThrownBy(() -> bed.annotated("d", TAIL, simd)).hasMessageContaining("tail-calls");

      assertThatThrownBy(() -> WasmBed.exec(container, "e", "/other.wat").start())
          .hasMessageContainingAll("`/other.wat`", "tail-calls");
      container.kill(9, true);
    }
  }

  @Test
  void aDirectoryThatIsNotThereIsNoPreopen() throws IOException {
    try (var bed = new WasmBed(directory)) {
      assertThatThrownBy(() -> bed.annotated("c", TAIL, "\"krustlet.dev/preopens\":\"/none:ro\""))
          .hasMessageContaining("preopen /none");
    }
  }
}
