package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The end of what ctr reads is the end of what a container or an exec reads, of both kinds: ctr
/// calls CloseIO then.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class StdinIT {
  private static final String ID = "reader";

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  StdinIT(Installation installation) {
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

  /// Types a line, waits until it comes back, types another, and ends.
  private static void assertEchoes(Command cat) throws IOException, InterruptedException {
    cat.type("to be\n");
    Await.until("the first line", TestNode.SOON, () -> cat.out().equals("to be\n"));
    cat.type("or not\n");
    cat.endInput();
    Finished finished = cat.await(TestNode.SOON);
    assertThat(finished.out()).isEqualTo("to be\nor not\n");
    assertThat(finished.status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/cat.wat", "/bin/cat"})
  void aContainerReadsToTheEnd(String program) throws IOException, InterruptedException {
    String runtime = PrivateContainerd.RUNTIME;
    String fifos = node.bed().fifos().toString();
    try (Command cat =
        node.containerd()
            .startCtrTyping(
                "run",
                "--rm",
                "--runtime",
                runtime,
                "--fifo-dir",
                fifos,
                Guests.IMAGE,
                ID,
                program)) {
      assertEchoes(cat);
    }
    assertThat(node.status(ID)).isEqualTo(Optional.empty());
  }

  private static Stream<Arguments> execs() {
    return Stream.of(
        Arguments.of(List.of("/loop.wat"), "/cat.wat"),
        Arguments.of(List.of("/bin/sh", "-c", "busybox sleep 1000"), "/bin/cat"));
  }

  @ParameterizedTest
  @MethodSource("execs")
  void anExecReadsToTheEnd(List<String> endless, String program)
      throws IOException, InterruptedException {
    node.detach(ID, endless.toArray(String[]::new));
    try (Command cat =
        node.containerd().startCtrTyping("tasks", "exec", "--exec-id", "e", ID, program)) {
      assertEchoes(cat);
    }
    assertThat(node.status(ID)).isEqualTo(Optional.of("RUNNING"));
    node.delete(ID);
  }
}
