package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class ReaperTest {
  private static final int SIGKILL = 9;

  @TempDir Path directory;
  private final Poller poller = Poller.start();
  private final Reaper reaper = new Reaper(poller);
  private Path gate = Path.of("");

  ReaperTest() throws IOException {}

  @BeforeEach
  void prepare() throws IOException {
    Reaper.becomeSubreaper();
    gate = directory.resolve("gate");
    Fifos.create(gate);
  }

  @AfterEach
  void endPoller() throws IOException {
    poller.close();
  }

  @Test
  void anOrphanGivesItsExitCode() throws IOException, InterruptedException {
    int orphan = orphan("read line < " + gate + "; exit 42");
    var status = reaper.watch(orphan);
    assertThat(status).isNotDone();

    open(gate);

    assertThat(status.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(42);
    assertThat(Processes.startTime(orphan)).isEmpty();
  }

  @Test
  void anOrphanEndedByASignalGivesIt() throws IOException, InterruptedException {
    int orphan = orphan("exec sleep 1000");
    var status = reaper.watch(orphan);

    Processes.kill(orphan, SIGKILL);

    assertThat(status.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(128 + SIGKILL);
  }

  @Test
  void anOrphanThatEndedBeforeItIsWatchedIsNotLost() throws IOException, InterruptedException {
    int orphan = orphan("exit 7");
    awaitZombie(orphan);

    assertThat(reaper.watch(orphan).orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(7);
  }

  @Test
  void aProcessWithAnotherParentEndsWithNobodyKnowsWhat() throws IOException, InterruptedException {
    var parent = sh("sleep 1000 & echo $!; exec sleep 1000");
    int child = Integer.parseInt(line(parent));
    var status = reaper.watch(child);

    Processes.kill(child, SIGKILL);

    assertThat(status.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(255);
    parent.destroyForcibly().waitFor();
  }

  @Test
  void aProcessThatIsNoneIsRefused() {
    assertThatExceptionOfType(ErrnoException.class)
        .isThrownBy(() -> reaper.watch(Integer.MAX_VALUE))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ESRCH));
  }

  @Test
  void javasOwnChildrenKeepTheirStatus() throws IOException, InterruptedException {
    for (int i = 1; i <= 20; i++) {
      int orphan = orphan("exit 3");
      var child = sh("exit 5");

      assertThat(reaper.watch(orphan).orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(3);
      assertThat(child.waitFor()).isEqualTo(5);
    }
  }

  @Test
  void aStrayIsReapedWhenItWasSeenTwice() throws IOException, InterruptedException {
    int stray = orphan("exit 0");
    awaitZombie(stray);

    reaper.reapStrays();
    assertThat(Processes.isZombie(stray)).isTrue();
    int reaped = reaper.reapStrays();

    assertThat(reaped).isPositive();
    assertThat(Processes.startTime(stray)).isEmpty();
  }

  @Test
  void whoIsWatchedIsNoStray() throws IOException, InterruptedException {
    int orphan = orphan("exit 9");
    awaitZombie(orphan);
    reaper.reapStrays();

    var status = reaper.watch(orphan);
    reaper.reapStrays();

    assertThat(status.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(9);
  }

  @Test
  void whoHasThePidOfADeadProcessGetsNoSignal() throws IOException, InterruptedException {
    assumeTrue(Processes.uid() == 0, "only root can choose the next pid");
    var held = new CountDownLatch(1);
    try (var stuck = EventFd.create()) {
      var watched = sh("exec sleep 1000");
      int pid = (int) watched.pid();
      var _ = reaper.watch(pid);
      stuck.signal();
      var _ = poller.onReadable(stuck.fd(), () -> awaitUninterruptibly(held)); // tells no exits
      watched.destroyForcibly().waitFor();
      Process successor = successorOf(pid);
      try {
        assertThatExceptionOfType(ErrnoException.class)
            .isThrownBy(() -> reaper.kill(pid, SIGKILL))
            .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ESRCH));
        assertThat(successor.isAlive()).isTrue();
      } finally {
        successor.destroyForcibly().waitFor();
        held.countDown();
        poller.close();
      }
    }
  }

  /// Another process of a dead one's pid; others on the machine may be quicker now and then.
  private static Process successorOf(int pid) throws IOException, InterruptedException {
    for (int i = 0; i < 200; i++) {
      Files.writeString(Path.of("/proc/sys/kernel/ns_last_pid"), Integer.toString(pid - 1));
      var next = sh("exec sleep 1000");
      if (next.pid() == pid) {
        return next;
      }
      next.destroyForcibly().waitFor();
    }
    return abort("the pid of a dead process cannot be had again here");
  }

  private static void awaitUninterruptibly(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// A process whose parent is gone by the time this returns. The parent ends as a program that
  /// waits for nobody: a shell may reap its child after the `echo` of its own.
  private int orphan(String script) throws IOException, InterruptedException {
    var parent = sh("setsid sh -c '" + script + "' > /dev/null 2>&1 & exec env echo $!");
    int pid = Integer.parseInt(line(parent));
    assertThat(parent.waitFor()).isZero();
    return pid;
  }

  private static Process sh(String script) throws IOException {
    return new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
  }

  private static String line(Process process) throws IOException {
    try (BufferedReader reader = process.inputReader()) {
      return reader.readLine();
    }
  }

  private static void open(Path gate) throws IOException {
    Files.writeString(gate, "go\n");
  }

  private static void awaitZombie(int pid) throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!Processes.isZombie(pid) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
  }
}
