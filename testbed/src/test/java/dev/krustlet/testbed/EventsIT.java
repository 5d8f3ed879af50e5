package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What containerd is told of containers of both kinds, topic by topic.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuildAndLegacy")
final class EventsIT {
  private static final String ID = "told";

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  EventsIT(Installation installation) {
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

  /// Commands of one kind: one that goes on, one that ends with 3, one that eats memory and the
  /// limit, in bytes, that this takes it to.
  record Kind(List<String> endless, List<String> three, List<String> hog, String limit) {
    static Kind wasm() {
      return new Kind(
          List.of("/loop.wat"),
          List.of("/hello.wasm", "--exit", "3"),
          List.of("/grow.wat"),
          "8388608");
    }

    static Kind ordinary() {
      return new Kind(
          shell("while :; do busybox sleep 1000; done"),
          shell("exit 3"),
          shell("x=0123456789abcdef; while :; do x=$x$x; done"),
          "33554432");
    }

    private static List<String> shell(String script) {
      return List.of("/bin/sh", "-c", script);
    }
  }

  private static Stream<Kind> kinds() {
    return Stream.of(Kind.wasm(), Kind.ordinary());
  }

  /// Runs `ctr events`, and returns when it hears them.
  private static Command listen() throws IOException, InterruptedException {
    Command events = node.containerd().startCtr("events");
    Await.until(
        "an event",
        TestNode.SOON,
        () -> {
          node.run("/bin/true");
          return events.out().contains("/tasks/delete");
        });
    return events;
  }

  private static List<String> topics(Command events) throws IOException {
    return events
        .out()
        .lines()
        .filter(line -> line.contains("/tasks/") && line.contains("\"" + ID + "\""))
        .map(line -> line.replaceFirst(".*/tasks/([a-z-]+).*", "$1"))
        .toList();
  }

  private static Finished exec(String exec, List<String> flags, List<String> command)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("tasks", "exec", "--exec-id", exec));
    words.addAll(flags);
    words.add(ID);
    words.addAll(command);
    return node.containerd().ctr(words.toArray(String[]::new));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyTopicComesInOrder(Kind kind) throws IOException, InterruptedException {
    try (Command events = listen()) {
      node.detach(ID, kind.endless().toArray(String[]::new));
      assertThat(exec("e", List.of(), kind.three()).status()).isEqualTo(3);
      assertThat(exec("f", List.of("--detach"), kind.endless()).status()).isZero();
      node.succeed("tasks", "pause", ID);
      node.succeed("tasks", "resume", ID);
      node.signal(ID, "SIGKILL");
      node.deleteStopped(ID, 137);

      Await.until("the last event", TestNode.SOON, () -> topics(events).contains("delete"));
      assertThat(topics(events))
          .containsExactly(
              "create",
              "start",
              "exec-added",
              "exec-started",
              "exit",
              "exec-added",
              "exec-started",
              "paused",
              "resumed",
              "exit",
              "exit",
              "delete");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void wantOfMemoryIsToldBeforeTheExitItCaused(Kind kind) throws IOException, InterruptedException {
    try (Command events = listen()) {
      List<String> words = new ArrayList<>(List.of("run", "--rm", "--memory-limit", kind.limit()));
      words.addAll(List.of("--runtime", PrivateContainerd.RUNTIME));
      words.addAll(List.of("--fifo-dir", node.bed().fifos().toString(), Guests.IMAGE, ID));
      words.addAll(kind.hog());

      assertThat(node.containerd().ctr(words.toArray(String[]::new)).status()).isEqualTo(137);

      Await.until("the last event", TestNode.SOON, () -> topics(events).contains("delete"));
      assertThat(topics(events)).containsExactly("create", "start", "oom", "exit", "delete");
    }
  }
}
