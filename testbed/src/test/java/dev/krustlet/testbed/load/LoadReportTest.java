package dev.krustlet.testbed.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LoadReportTest {
  private static final long MEBIBYTE = 1 << 20;

  private static LoadReport report(long failed, long end, long accepted, String... problems) {
    var wrk = new Wrk(9000, 4500, 1.5, 30.25, failed);
    var memory = List.of(6 * MEBIBYTE, 9 * MEBIBYTE, end * MEBIBYTE);
    var outcome = new RollingRestart.Outcome(20, accepted, 1000, 7, 5, 3, List.of(problems));
    return new LoadReport(50, new WrkLoad(wrk, memory), outcome);
  }

  @Test
  void theTableNamesEveryFigure() {
    assertThat(report(0, 9, 1000).text().lines().map(line -> line.strip().replaceAll(" +", " ")))
        .contains(
            "wrk, 50 connections",
            "p99 30.25 ms",
            "after the warm-up 9.0 MiB",
            "rolling restart, 20 pods replaced",
            "accepted and not answered 0",
            "kept connections cut unanswered 3");
  }

  @Test
  void aFailedRequestALostOneAProblemOrGrowthIsNotClean() {
    assertThat(report(0, 9, 1000).isClean()).isTrue();
    assertThat(report(1, 9, 1000).isClean()).isFalse();
    assertThat(report(0, 18, 1000).isClean()).isFalse();
    assertThat(report(0, 9, 1001).isClean()).isFalse();
    assertThat(report(0, 9, 1000, "half an answer").isClean()).isFalse();
  }
}
