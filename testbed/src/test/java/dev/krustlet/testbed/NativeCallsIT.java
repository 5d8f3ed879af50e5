package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Exec, terminals and pause of ordinary containers, as ctr asks for them.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class NativeCallsIT {
  private static final String SHELL = "shell";
  private static final String[] FOREVER = {"/bin/sh", "-c", "while :; do busybox sleep 1000; done"};

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  NativeCallsIT(Installation installation) {
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

  private static String[] exec(String id, String script, String... flags) {
    List<String> words = new ArrayList<>(List.of("tasks", "exec", "--exec-id", id));
    words.addAll(Arrays.asList(flags));
    words.addAll(List.of(SHELL, "/bin/sh", "-c", script));
    return words.toArray(String[]::new);
  }

  @Test
  void anExecHasItsDirectoryItsUserItsStreamsAndItsStatus()
      throws IOException, InterruptedException {
    node.detach(SHELL, FOREVER);

    Finished told =
        node.containerd()
            .ctr(
                exec(
                    "e",
                    "pwd; busybox id -u; echo err >&2; exit 7",
                    "--cwd",
                    "/tmp",
                    "--user",
                    "1000:1000"));

    assertThat(told.out()).isEqualTo("/tmp\n1000\n");
    assertThat(told.err()).contains("err\n");
    assertThat(told.status()).isEqualTo(7);
    assertThat(node.containerd().ctr(exec("f", "exec /nope")).status()).isEqualTo(127);
    assertThat(node.status(SHELL)).isEqualTo(Optional.of("RUNNING"));
    node.delete(SHELL);
  }

  @Test
  void aTerminalIsOneForInitAndForExecs() throws IOException, InterruptedException {
    String question = "busybox test -t 0 && busybox test -t 1 && echo a terminal; exit 5";
    Finished init =
        node.containerd()
            .ctrAtTerminal(
                "run",
                "--rm",
                "--tty",
                "--runtime",
                PrivateContainerd.RUNTIME,
                "--fifo-dir",
                node.bed().fifos().toString(),
                Guests.IMAGE,
                "shown",
                "/bin/sh",
                "-c",
                question);
    assertThat(init.out()).contains("a terminal");
    assertThat(init.status()).isEqualTo(5);

    node.detach(SHELL, FOREVER);
    Finished exec = node.containerd().ctrAtTerminal(exec("e", question, "--tty"));
    assertThat(exec.out()).contains("a terminal");
    assertThat(exec.status()).isEqualTo(5);
    node.delete(SHELL);
  }

  @Test
  void aPausedContainerGoesOnOrIsKilled() throws IOException, InterruptedException {
    node.detach(SHELL, FOREVER);
    node.succeed("tasks", "pause", SHELL);
    assertThat(node.status(SHELL)).isEqualTo(Optional.of("PAUSED"));
    assertThat(node.containerd().ctr(exec("e", "exit 0")).err()).contains("paused");
    node.succeed("tasks", "resume", SHELL);
    assertThat(node.status(SHELL)).isEqualTo(Optional.of("RUNNING"));
    node.succeed("tasks", "pause", SHELL);
    node.signal(SHELL, "SIGKILL");
    node.deleteStopped(SHELL, 137);
  }

  @Test
  void metricsAreToldOfAContainerThatHasEnded() throws IOException, InterruptedException {
    node.detach(SHELL, "/bin/sh", "-c", "exit 6");
    node.awaitStopped(SHELL);
    assertThat(node.succeed("tasks", "metrics", SHELL).out()).contains("memory");
    node.deleteStopped(SHELL, 6);
  }
}
