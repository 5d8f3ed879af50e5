package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class FaultsIT {
  private static final String[] WASM = {"/counter.wasm", "--interval", "10"};
  private static final String[] NATIVE = {
    "/bin/sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done"
  };

  private final Installation installation;

  FaultsIT(Installation installation) {
    this.installation = installation;
  }

  @Test
  void tenStartsAtOnceFindOneDaemon() throws IOException, InterruptedException {
    try (var node = TestNode.start(installation, Map.of())) {
      List<String> answers = startAtOnce(node, 10);
      assertThat(answers).hasSize(10).containsOnly(answers.getFirst());
      assertThat(answers.getFirst()).startsWith("unix:///");
      assertThat(node.bed().processes(Programs.DAEMON)).hasSize(1);
    }
  }

  @Test
  void optionsForEveryJvmInContainerdsEnvironmentDoNoHarm()
      throws IOException, InterruptedException {
    try (var node = TestNode.start(installation, Map.of("JAVA_TOOL_OPTIONS", "-Xmx333m"))) {
      assertThat(node.run("/hello.wasm").out()).startsWith("hello from wasm\n");
      assertThat(node.run("/bin/sh", "-c", "echo native").out()).isEqualTo("native\n");
    }
  }

  @Test
  void nothingStaysOfADaemonThatWasKilledAndTheNextContainerRuns()
      throws IOException, InterruptedException {
    try (var node = TestNode.start(installation, Map.of())) {
      node.detach("wasm", WASM);
      node.detach("native", NATIVE);
      node.killProgram(Programs.DAEMON);
      node.containerd().awaitIdle();
      node.bed().removeFifos(); // ctr's own, which it removes with the task
      Await.until("containerd's cleanup", TestNode.SOON, () -> node.bed().traces().isEmpty());
      node.succeed("containers", "delete", "wasm", "native");
      assertThat(node.run("/hello.wasm").out()).startsWith("hello from wasm\n");
      assertThat(node.run("/bin/sh", "-c", "echo native").out()).isEqualTo("native\n");
      node.assertNoContainerIsLeft();
    }
  }

  @Test
  void anEngineThatWasKilledTakesItsGuestsAlone() throws IOException, InterruptedException {
    try (var node = TestNode.start(installation, Map.of())) {
      node.detach("wasm1", WASM);
      node.detach("wasm2", WASM);
      node.detach("native", NATIVE);
      node.killProgram(Programs.ENGINE);
      node.deleteStopped("wasm1", 137);
      node.deleteStopped("wasm2", 137);
      assertThat(node.status("native")).isEqualTo(Optional.of("RUNNING"));
      assertThat(daemonsLog(node)).contains("guest wasm1 is lost", "guest wasm2 is lost");
      assertThat(node.run("/hello.wasm").out()).startsWith("hello from wasm\n");
      node.delete("native");
      node.assertNoContainerIsLeft();
    }
  }

  @Test
  void containersOutliveContainerdAndObeyTheNext() throws IOException, InterruptedException {
    try (var node = TestNode.start(installation, Map.of())) {
      node.detach("wasm", WASM);
      node.detach("native", NATIVE);
      node.containerd().kill();
      node.containerd().start();
      for (String id : List.of("wasm", "native")) {
        assertThat(node.status(id)).isEqualTo(Optional.of("RUNNING"));
        assertLogGoesOn(node, id);
        node.signal(id, "SIGKILL");
        node.deleteStopped(id, 137);
      }
      assertThat(node.run("/hello.wasm").status()).isZero();
      node.assertNoContainerIsLeft();
    }
  }

  private static void assertLogGoesOn(TestNode node, String id)
      throws IOException, InterruptedException {
    try (Command attached = node.containerd().startCtr("tasks", "attach", id)) {
      Await.until("lines of " + id, TestNode.SOON, () -> attached.out().lines().count() > 20);
      List<Integer> numbers = attached.out().lines().limit(20).map(Integer::valueOf).toList();
      int first = numbers.getFirst();
      assertThat(numbers).isEqualTo(IntStream.range(first, first + 20).boxed().toList());
    }
  }

  private static String daemonsLog(TestNode node) throws IOException {
    var log = node.bed().path().resolve("log/krustlet-%s.0.log".formatted(node.bed().name()));
    return Files.readString(log);
  }

  private static List<String> startAtOnce(TestNode node, int times)
      throws IOException, InterruptedException {
    var starting = new ArrayList<Command>();
    for (int i = 0; i < times; i++) {
      starting.add(node.containerd().launch("id" + i, "start"));
    }
    var answers = new ArrayList<String>();
    for (Command each : starting) {
      Finished started = each.await(Duration.ofSeconds(60));
      assertThat(started.err()).isEmpty();
      assertThat(started.status()).isZero();
      answers.add(started.out());
    }
    return answers;
  }
}
