package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.faults.FaultReport;
import dev.krustlet.testbed.faults.FaultSuite;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The short form of the suite of faults: every fault once. `scripts/faults.sh` is the long one.
final class FaultSuiteIT {
  private static final FaultSuite.Plan PLAN = new FaultSuite.Plan(20_260, 0, "");

  @ParameterizedTest
  @MethodSource("dev.krustlet.testbed.Installation#ofBuild")
  void nothingIsLostWhateverBreaks(Installation installation)
      throws IOException, InterruptedException {
    FaultReport report = FaultSuite.run(installation, PLAN, Optional.empty(), _ -> {});
    System.out.println(report.text());
    assertThat(report.problems()).isEmpty();
    assertThat(report.faults().keySet()).isEqualTo(FaultSuite.names());
    assertThat(report.operations()).containsKeys("exec wasm", "exec native", "kill native");
  }
}
