package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What a crash of the engine does not cost.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class EngineCrashIT {
  /// Less than a full pipe holds, of whose 64 KiB no page need be full.
  private static final int A_FULL_PIPE = 40_000;

  private static final Duration A_SECOND = Duration.ofSeconds(1);
  private static final int CRASHES = 3;

  private final Installation installation;

  EngineCrashIT(Installation installation) {
    this.installation = installation;
  }

  /// The reader stands still, so that the pipe is full when the engine is killed.
  @Test
  void noByteIsLostThatAGuestHadWritten() throws IOException, InterruptedException {
    try (var node = TestNode.start(installation, Map.of());
        Command reader = run(node, "/counter.wasm", "--interval", "0")) {
      Await.until("the first line", TestNode.SOON, () -> !reader.out().isEmpty());
      reader.signal("STOP");
      TimeUnit.SECONDS.sleep(1); // until the guest can write no more
      int before = reader.out().length();
      node.killProgram(Programs.ENGINE);
      Await.until(
          "the exit", TestNode.SOON, () -> node.status("lost").equals(Optional.of("STOPPED")));
      reader.signal("CONT");

      Finished finished = reader.await(TestNode.SOON);

      assertThat(finished.status()).isEqualTo(137);
      assertThat(finished.out().length()).isGreaterThan(before + A_FULL_PIPE);
      assertThat(finished.out().equals(counted(finished.out().length()))).isTrue();
      node.assertNoContainerIsLeft();
    }
  }

  /// What the guest writes, up to a length.
  private static String counted(int length) {
    var text = new StringBuilder();
    for (int i = 1; text.length() < length; i++) {
      text.append(i).append('\n');
    }
    return text.substring(0, length);
  }

  /// The quickest of some, for this machine may be busy.
  @Test
  void itIsReportedWithinASecond() throws IOException, InterruptedException {
    long quickest = Long.MAX_VALUE;
    try (var node = TestNode.start(installation, Map.of())) {
      for (int i = 0; i < CRASHES; i++) {
        quickest = Math.min(quickest, crash(node));
      }
      node.assertNoContainerIsLeft();
    }
    assertThat(Duration.ofNanos(quickest)).isLessThan(Await.patiently(A_SECOND));
  }

  /// @return until the client that waits for the container has ended, in nanoseconds
  private static long crash(TestNode node) throws IOException, InterruptedException {
    try (Command waiting = run(node, "/counter.wasm")) {
      Await.until("the first line", TestNode.SOON, () -> !waiting.out().isEmpty());
      node.killProgram(Programs.ENGINE);
      long killed = System.nanoTime();
      assertThat(waiting.await(TestNode.SOON).status()).isEqualTo(137);
      return System.nanoTime() - killed;
    }
  }

  private static Command run(TestNode node, String... command) throws IOException {
    return node.containerd().startRun("--rm", Guests.IMAGE, "lost", command);
  }
}
