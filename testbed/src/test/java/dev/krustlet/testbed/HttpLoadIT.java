package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.load.RollingRestart;
import dev.krustlet.testbed.load.SteadyLoad;
import dev.krustlet.testbed.load.WebPods;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// The short form of `scripts/load.sh`: so many requests, whatever time they take.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class HttpLoadIT {
  private static final int CLIENTS = 50;
  private static final int REQUESTS = 5000;
  private static final long MORE = 8 << 20; // bytes that a flat memory may waver by

  private final Installation installation;

  HttpLoadIT(Installation installation) {
    this.installation = installation;
  }

  @Test
  void noRequestFailsAndTheEngineDoesNotGrow() throws IOException, InterruptedException {
    try (var pods = TestPods.start(installation)) {
      var load = SteadyLoad.run(WebPods.on(pods.kubelet()), CLIENTS, REQUESTS);
      assertThat(load.problems()).isEmpty();
      assertThat(load.failed()).as(load.toString()).isZero();
      assertThat(load.answered()).isGreaterThanOrEqualTo(3 * REQUESTS);
      assertThat(load.after()).as(load.toString()).isLessThan(load.warm() + MORE);
    }
  }

  @Test
  void aRollingRestartLosesNoRequestThatWasAccepted() throws IOException, InterruptedException {
    try (var pods = TestPods.start(installation)) {
      var outcome = RollingRestart.run(WebPods.on(pods.kubelet()), 2, 16);
      assertThat(outcome.problems()).isEmpty();
      assertThat(outcome.lost()).as(outcome.toString()).isZero();
    }
  }
}
