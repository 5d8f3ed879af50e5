package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Calls whose caller has gone, as at a deadline, while runc is at work.
@Timeout(60)
class RuncGivenUpTest {
  private static final String FOREVER = "exec sleep 1000";

  @TempDir private Path directory;
  private NativeNode node;

  @BeforeEach
  void prepare() throws IOException {
    node = NativeNode.in(directory);
    node.fifo("begun");
    node.fifo("gate");
  }

  @AfterEach
  void stop() throws IOException {
    if (node != null) {
      node.close();
    }
  }

  /// A runc that waits at the gate before one of its verbs, in a process that outlives a killed
  /// caller.
  private Path slow(String verb) throws IOException {
    Path script = directory.resolve("slow-runc");
    Files.writeString(
        script,
        """
        #!/bin/sh
        case " $* " in
        *" %2$s "*)
          { echo >%1$s/begun; read -r _ <%1$s/gate; exec runc "$@"; } &
          wait $!
          ;;
        *) exec runc "$@" ;;
        esac
        """
            .formatted(directory, verb));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return script;
  }

  /// Has the call given up while runc is at the gate, and lets runc go on.
  private <T> FutureTask<T> giveUp(Callable<T> call) throws IOException {
    var result = new FutureTask<>(call);
    var caller = Thread.ofVirtual().start(result);
    Files.readString(directory.resolve("begun"));
    caller.interrupt();
    Files.writeString(directory.resolve("gate"), "go\n");
    return result;
  }

  private static void assertGivenUp(FutureTask<?> call) {
    assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
  }

  private void assertEndedAndReaped(String pidFile) throws IOException {
    Path process = Path.of("/proc", Files.readString(node.bundle().resolve(pidFile)).strip());
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (Files.exists(process) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(process).as(pidFile).doesNotExist();
  }

  private void assertRuncKnowsNone() {
    assertThat(directory.resolve("runc/test")).isEmptyDirectory();
  }

  @Test
  void anExecIsEndedAndItsContainerGoesOn()
      throws IOException, SpecException, TaskException, InterruptedException {
    var container = node.runtime(slow("exec")).run(FOREVER, Stdio.NONE);
    var out = node.listen("out");
    var stdio = new Stdio("", out.target(), "", false);
    var exec = container.exec(NativeNode.exec("e", NativeNode.shell(FOREVER), stdio));

    assertGivenUp(giveUp(exec::start));

    assertEndedAndReaped("exec-e.pid");
    assertThat(out.begun().rest()).as("the reader sees the end").isEmpty();
    assertThat(container.pids()).containsExactly(container.pid());
    assertThat(container.exited()).isNotDone();
    exec.delete();
  }

  @Test
  void aContainerIsNotMade() throws IOException {
    node.runtime(slow("create"));

    assertGivenUp(giveUp(() -> node.create(FOREVER, Stdio.NONE)));

    assertEndedAndReaped("init.pid");
    assertRuncKnowsNone();
    assertThat(Mounts.beneath(node.bundle())).isEmpty();
  }

  @Test
  void aPauseIsMadeAndAKillEndsIt()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.runtime(slow("pause")).run(FOREVER, Stdio.NONE);

    giveUp(() -> paused(container)).get(30, TimeUnit.SECONDS);

    container.kill(9, false);
    assertThat(NativeNode.status(container)).isEqualTo(137);
  }

  private static Container paused(Container container) throws TaskException, InterruptedException {
    container.pause();
    return container;
  }

  @Test
  void aContainerWhoseBundleWasTakenAwayIsDeleted()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.create(FOREVER, Stdio.NONE);
    Path elsewhere = directory.resolve("elsewhere");
    Files.move(node.bundle(), elsewhere);

    container.delete();

    assertThat(NativeNode.status(container)).isEqualTo(137);
    assertRuncKnowsNone();
    Files.move(elsewhere, node.bundle());
  }
}
