package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What other wasm shims refuse: exec, pause and resume of a running guest.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class WasmCallsIT {
  private static final String GUEST = "guest";

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  WasmCallsIT(Installation installation) {
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

  private static Finished exec(String id, String... command)
      throws IOException, InterruptedException {
    String[] call = {"tasks", "exec", "--exec-id", id, GUEST};
    String[] all = java.util.Arrays.copyOf(call, call.length + command.length);
    System.arraycopy(command, 0, all, call.length, command.length);
    return node.containerd().ctr(all);
  }

  @Test
  void anExecPrintsItsOutputAndEndsWithItsOwnStatus() throws IOException, InterruptedException {
    node.detach(GUEST, "/loop.wat");
    Finished hello = exec("first", "/hello.wasm", "--exit", "42");
    assertThat(hello.err()).isEmpty();
    assertThat(hello.out()).startsWith("hello from wasm\narg 0: /hello.wasm\n");
    assertThat(hello.status()).isEqualTo(42);
    assertThat(exec("second", "/trap.wat").status()).isEqualTo(134);
    assertThat(node.status(GUEST)).contains("RUNNING");
    node.delete(GUEST);
  }

  @Test
  void anExecOfWhatIsNoModuleSaysSo() throws IOException, InterruptedException {
    node.detach(GUEST, "/loop.wat");
    assertThat(exec("shell", "/bin/sh").err()).contains("no wasm module");
    assertThat(exec("nothing", "/missing.wasm").err()).contains("no such file");
    node.delete(GUEST);
  }

  @Test
  void anExecEndsWithItsContainer() throws IOException, InterruptedException {
    node.detach(GUEST, "/loop.wat");
    node.succeed("tasks", "exec", "--detach", "--exec-id", "endless", GUEST, "/loop.wat");
    assertThat(node.succeed("tasks", "ps", GUEST).out().lines()).hasSize(3);
    node.signal(GUEST, "SIGTERM");
    node.deleteStopped(GUEST, 143);
  }

  @Test
  void aPausedGuestGoesOnOrIsKilled() throws IOException, InterruptedException {
    node.detach(GUEST, "/loop.wat");
    node.succeed("tasks", "pause", GUEST);
    assertThat(node.status(GUEST)).isEqualTo(Optional.of("PAUSED"));
    node.succeed("tasks", "resume", GUEST);
    assertThat(node.status(GUEST)).isEqualTo(Optional.of("RUNNING"));
    node.succeed("tasks", "pause", GUEST);
    node.signal(GUEST, "SIGKILL");
    node.deleteStopped(GUEST, 137);
  }

  @Test
  void aGuestOverItsMemoryLimitSaysWhyItEnds() throws IOException, InterruptedException {
    Finished grown = limited("8388608");
    assertThat(grown.status()).isEqualTo(137);
    assertThat(grown.err()).contains("out of memory");
  }

  private static Finished limited(String bytes) throws IOException, InterruptedException {
    return node.containerd()
        .ctr(
            "run",
            "--rm",
            "--runtime",
            PrivateContainerd.RUNTIME,
            "--fifo-dir",
            node.bed().fifos().toString(),
            "--memory-limit",
            bytes,
            Guests.IMAGE,
            GUEST,
            "/grow.wat");
  }
}
