package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuildAndLegacy")
final class ContainerIT {
  private static final String[] HUNDRED_THOUSAND = {
    "/counter.wasm", "--interval", "0", "--count", "100000"
  };

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  ContainerIT(Installation installation) {
    assertThat(node.containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    node = TestNode.start(installation, Map.of());
  }

  @AfterEach
  void noContainerIsLeft() throws IOException, InterruptedException {
    node.assertNoContainerIsLeft();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    node.close();
  }

  @Test
  void helloPrintsItsLineAndItsArguments() throws IOException, InterruptedException {
    Finished hello = node.run("/hello.wasm", "one", "two");
    assertThat(hello.err()).isEmpty();
    assertThat(hello.out())
        .startsWith("hello from wasm\narg 0: /hello.wasm\narg 1: one\narg 2: two\n");
    assertThat(hello.status()).isZero();
  }

  @Test
  void theStatusOfAGuestIsTheContainers() throws IOException, InterruptedException {
    assertThat(node.run("/hello.wasm", "--exit", "42").status()).isEqualTo(42);
  }

  /// The container is in no pod: its network has a loopback and no other address, as the component
  /// says.
  @Test
  void aComponentHasItsArgumentsItsStreamsAndItsStatus() throws IOException, InterruptedException {
    Finished echo = node.run("/echo.wasm", "192.0.2.1:7777");
    assertThat(echo.err()).startsWith("echo: listen at 192.0.2.1:7777: ");
    assertThat(echo.status()).isEqualTo(1);
  }

  @Test
  void aTrapEndsWith134AndSaysWhyOnStderr() throws IOException, InterruptedException {
    Finished trap = node.run("/trap.wat");
    assertThat(trap.err()).contains("unreachable");
    assertThat(trap.status()).isEqualTo(134);
  }

  @ParameterizedTest
  @CsvSource({
    "/missing.wasm, no such file in the root",
    "/text.txt, is neither a wasm module nor a program",
    "/foreign, is a program for machine 22",
  })
  void whatCannotRunIsRefusedByASentenceThatNamesIt(String file, String sentence)
      throws IOException, InterruptedException {
    Finished refused = node.run(file);
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains(file).contains(sentence);
  }

  @Test
  void anOrdinaryProgramRunsInTheSameRuntime() throws IOException, InterruptedException {
    Finished shell = node.run("/bin/sh", "-c", "echo out; echo err >&2; exit 3");
    assertThat(shell.out()).isEqualTo("out\n");
    assertThat(shell.err()).isEqualTo("err\n");
    assertThat(shell.status()).isEqualTo(3);
  }

  @Test
  void everyLineOfAFastWriterArrivesInOrder() throws IOException, InterruptedException {
    Finished counted = node.run(HUNDRED_THOUSAND);
    assertThat(counted.out().lines().toList()).isEqualTo(hundredThousand());
    assertThat(counted.status()).isZero();
  }

  /// The reader is ctr, which stands still for a while: the guest has to wait for it.
  @Test
  void noLineIsLostWhenTheReaderStops() throws IOException, InterruptedException {
    try (Command run = node.containerd().startRun("--rm", Guests.IMAGE, "slow", HUNDRED_THOUSAND)) {
      Await.until("the first line", TestNode.SOON, () -> !run.out().isEmpty());
      run.signal("STOP");
      TimeUnit.SECONDS.sleep(1);
      run.signal("CONT");
      assertThat(run.await(TestNode.SOON).out().lines().toList()).isEqualTo(hundredThousand());
    }
  }

  private static List<String> hundredThousand() {
    return IntStream.rangeClosed(1, 100_000).mapToObj(Integer::toString).toList();
  }

  /// Of these commands the first sleeps, the second computes, the third blocks on a full pipe, for
  /// nobody reads a detached container's output, and the fourth reads a stdin that never ends.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/counter.wasm --interval 3600000",
        "/loop.wat",
        "/counter.wasm --interval 0",
        "/reader.wat"
      })
  void aSignalEndsAGuestWhateverItDoes(String command) throws IOException, InterruptedException {
    node.detach("terminated", command.split(" ", -1));
    node.signal("terminated", "SIGTERM");
    node.deleteStopped("terminated", 143);
    node.detach("killed", command.split(" ", -1));
    node.signal("killed", "SIGKILL");
    node.deleteStopped("killed", 137);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/loop.wat", "/bin/sh -c while :; do :; done"})
  void metricsAndProcessesOfBothKindsAreTold(String command)
      throws IOException, InterruptedException {
    node.detach("measured", command.split(" ", 3));
    assertThat(node.succeed("tasks", "metrics", "measured").out()).contains("memory");
    assertThat(node.succeed("tasks", "ps", "measured").out().lines()).hasSizeGreaterThan(1);
    node.delete("measured");
  }
}
