package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.testbed.cri.CriException;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What annotations ask for, as containerd passes them on, and what the node grants of it.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class PolicyIT {
  private static final String NODE =
      """
      [policy]
      wasm_features = ["simd", "tail-calls"]
      outbound = ["10.0.0.0/8"]
      [policy.max]
      cpu_time = "1s"
      wall_time = "1h"
      """;

  private static final String ENDED = "krustlet: ended: ";

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  PolicyIT(Installation installation) {
    assertThat(pods.kubelet().containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    pods = TestPods.start(installation);
    pods.configure(NODE);
  }

  @AfterEach
  void noPodIsLeft() throws IOException {
    pods.kubelet().removePods();
    pods.assertNoPodIsLeft();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    pods.close();
  }

  private static Pod run(String annotation, String value) throws IOException {
    return pods.kubelet().run("policy", "krustlet", Map.of("krustlet.dev/" + annotation, value));
  }

  private static ContainerConfig.Builder guest(String file) {
    return Pod.container("guest", Guests.IMAGE, file);
  }

  private static PodContainer ended(PodContainer guest, int status)
      throws IOException, InterruptedException {
    var ended = guest.awaitExit(TestPods.SOON);
    assertThat(ended.getExitCode()).as(guest.log().toString()).isEqualTo(status);
    return guest;
  }

  @ParameterizedTest
  @CsvSource({
    "wall-time, 100ms, /loop.wat, 142, " + ENDED + "its wall time of 100 ms is over",
    "cpu-time, 100ms, /loop.wat, 152, " + ENDED + "its CPU time of 100 ms is used up",
    "deterministic, false, /loop.wat, 152, " + ENDED + "its CPU time of 1000 ms is used up",
    "max-instances, 1, /fetch.wasm, 134, instance count too high at 2"
  })
  void aGuestEndsAtABoundAndBothLogsSaySo(
      String annotation, String value, String file, int status, String words)
      throws IOException, InterruptedException {
    PodContainer guest = ended(run(annotation, value).start(guest(file)), status);

    guest.awaitLog(TestPods.SOON, log -> log.err().contains(words));
    String cause = words.replace(ENDED, "");
    Await.until(
        "'%s' in the daemon's log".formatted(cause),
        TestPods.SOON,
        () ->
            pods.daemonsLog()
                .lines()
                .anyMatch(line -> line.contains(guest.id()) && line.endsWith(cause)));
  }

  @ParameterizedTest
  @CsvSource({
    "cpu-tme, 1s, there is no such one",
    "cpu-time, 2s, 'beyond what this node allows, policy.max.cpu_time = 1s'",
    "outbound, 'example.com:443', 'beyond what this node allows, policy.outbound = [10.0.0.0/8]'",
    "wasm-features, gc, 'beyond what this node allows, policy.wasm_features = [simd, tail-calls]'",
    "wasm-features, simd, 'needs of WebAssembly tail-calls, which it may not use here'"
  })
  void whatCannotBeGrantedIsAnErrorThatNamesIt(String annotation, String value, String words)
      throws IOException {
    Pod pod = run(annotation, value);

    assertThatThrownBy(() -> pod.start(guest("/tail.wat")))
        .isInstanceOf(CriException.class)
        .hasMessageContaining(words);
  }

  @Test
  void aContainerMayHaveAnAnnotationThatOthersOfItsPodHaveNot()
      throws IOException, InterruptedException {
    Pod pod = run("wall-time", "30m");
    PodContainer bounded =
        pod.start(
            guest("/cat.wat").setStdin(true).putAnnotations("krustlet.dev/wall-time", "50ms"));
    PodContainer other = pod.start("other", Guests.IMAGE, "/counter.wasm", "--interval", "100");

    ended(bounded, 142);
    assertThat(other.isRunning()).isTrue();
  }

  @Test
  void aDeterministicGuestHasTheSameRandomNumbersAndTimesEachTime()
      throws IOException, InterruptedException {
    Pod same = run("deterministic", "true");
    String first = chance(same, "first");
    assertThat(chance(same, "second")).isEqualTo(first).matches("[a-p]{24}\n");

    Pod plain = pods.kubelet().run("plain", "krustlet");
    assertThat(chance(plain, "third")).isNotEqualTo(first).isNotEqualTo(chance(plain, "fourth"));
  }

  private static String chance(Pod pod, String name) throws IOException, InterruptedException {
    PodContainer guest = ended(pod.start(name, Guests.IMAGE, "/chance.wat"), 0);
    return guest.awaitLog(TestPods.SOON, log -> !log.lines().isEmpty()).out();
  }
}
