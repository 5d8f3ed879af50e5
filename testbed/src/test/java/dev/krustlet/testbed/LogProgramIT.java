package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Containers of both kinds that write to a program instead of fifos, as `nerdctl` has them.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class LogProgramIT {
  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  LogProgramIT(Installation installation) {
    assertThat(node.containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    node = TestNode.start(installation, Map.of());
    Path program = node.bed().path().resolve("logger");
    Files.writeString(
        program,
        """
        #!/bin/sh
        cat <&3 5>&- >"$2.out" &
        cat <&4 5>&- >"$2.err" &
        exec 3<&- 4<&-
        echo "$CONTAINER_ID" >"$2.id"
        exec 5>&-
        wait
        """);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  @AfterEach
  void noContainerIsLeft() throws IOException, InterruptedException {
    node.assertNoContainerIsLeft();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    node.close();
  }

  private static String uri(String name) {
    return "binary://%1$s/logger?to=%1$s/%2$s".formatted(node.bed().path(), name);
  }

  private static String written(String file) throws IOException {
    return Files.readString(node.bed().path().resolve(file));
  }

  private static Finished run(String flag, String id, String uri, List<String> command)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("run", flag, "--log-uri", uri));
    words.addAll(List.of("--runtime", PrivateContainerd.RUNTIME, Guests.IMAGE, id));
    words.addAll(command);
    return node.containerd().ctr(words.toArray(String[]::new));
  }

  /// The command to count, of each kind.
  private static Stream<List<String>> counters() {
    String script = "i=0; while :; do i=$((i+1)); echo $i; [ $i = 20000 ] && exit; done";
    return Stream.of(
        List.of("/counter.wasm", "--interval", "0", "--count", "20000"),
        List.of("/bin/sh", "-c", script));
  }

  @ParameterizedTest
  @MethodSource("counters")
  void itGetsEveryLineOfBothKinds(List<String> words) throws IOException, InterruptedException {
    Finished told = run("--rm", "logged", uri("log"), words);

    assertThat(told.err()).isEmpty();
    assertThat(told.status()).isZero();
    assertThat(written("log.id")).isEqualTo("logged\n");
    assertThat(written("log.out").lines().map(Integer::valueOf))
        .isEqualTo(IntStream.rangeClosed(1, 20000).boxed().toList());
    assertThat(written("log.err")).isEmpty();
  }

  @Test
  void anExecHasAProgramOfItsOwn() throws IOException, InterruptedException {
    assertThat(
            run("--detach", "shell", uri("init"), List.of("/bin/sh", "-c", "busybox sleep 1000"))
                .err())
        .isEmpty();
    Finished exec =
        node.containerd()
            .ctr(
                "tasks",
                "exec",
                "--exec-id",
                "e",
                "--log-uri",
                uri("exec"),
                "shell",
                "/bin/sh",
                "-c",
                "echo out; echo err >&2; exit 3");
    assertThat(exec.status()).isEqualTo(3);
    assertThat(written("exec.id")).isEqualTo("e\n");
    assertThat(written("exec.out")).isEqualTo("out\n");
    assertThat(written("exec.err")).isEqualTo("err\n");
    node.delete("shell");
  }

  @Test
  void itEndsWithTheContainersOfADaemonThatWasKilled() throws IOException, InterruptedException {
    assertThat(run("--detach", "wasm", uri("wasm"), List.of("/counter.wasm")).err()).isEmpty();
    assertThat(
            run("--detach", "shell", uri("shell"), List.of("/bin/sh", "-c", "busybox sleep 1000"))
                .err())
        .isEmpty();
    assertThat(node.bed().processes("/logger")).hasSize(2);
    node.killProgram(Programs.DAEMON);
    node.containerd().awaitIdle();
    Await.until("containerd's cleanup", TestNode.SOON, () -> node.bed().traces().isEmpty());
    node.succeed("containers", "delete", "wasm", "shell");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/hello.wasm", "/bin/true"})
  void aProgramThatIsNotThereIsTheReason(String command) throws IOException, InterruptedException {
    Finished refused = run("--rm", "unlogged", "binary:///no/such/program", List.of(command));
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains("cannot log unlogged with /no/such/program");
  }
}
