package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class ProcessesTest {
  private static final int SIGTERM = 15;

  @TempDir Path directory;

  @Test
  void theStartTimeIsFoundBehindAnyName() throws IOException, InterruptedException {
    var odd = Files.copy(Path.of("/bin/sleep"), directory.resolve("a) b (c"));
    var process = new ProcessBuilder(odd.toString(), "1000").start();
    int pid = (int) process.pid();
    try {
      assertThat(Files.readString(Path.of("/proc/" + pid + "/stat"))).contains("(a) b (c)");

      assertThat(Processes.startTime(pid)).hasValue(startTimeFromTheEnd(pid));
      assertThat(Processes.alive(pid)).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(Processes.startTime(pid)).isEmpty();
    assertThat(Processes.alive(pid)).isFalse();
  }

  @Test
  void aSignalReachesItsProcess() throws IOException, InterruptedException {
    var process = new ProcessBuilder("sleep", "1000").start();

    Processes.kill((int) process.pid(), SIGTERM);

    assertThat(process.waitFor()).isEqualTo(128 + SIGTERM);
  }

  @Test
  void aSignalToNobodyIsRefused() {
    assertThatExceptionOfType(ErrnoException.class)
        .isThrownBy(() -> Processes.kill(Integer.MAX_VALUE, SIGTERM))
        .withMessage("kill %d: no such process (ESRCH)", Integer.MAX_VALUE);
  }

  @Test
  void thisProcessKnowsItself() throws IOException {
    assertThat(Processes.alive(Processes.pid())).isTrue();
    assertThat(Processes.uid()).isEqualTo(uidOf(Path.of("/proc/self")));
  }

  @Test
  void whatHasEndedDoesNotLiveThoughNobodyHasWaitedForIt()
      throws IOException, InterruptedException {
    // a shell that never waits, and tells the pid of what it has started
    Process parent = new ProcessBuilder("sh", "-c", "sleep 0.2 & echo $!; exec sleep 60").start();
    try {
      int pid = Integer.parseInt(parent.inputReader().readLine());
      long started = Processes.startTime(pid).orElseThrow();
      assertThat(Processes.lives(pid, started)).isTrue();
      assertThat(Processes.lives(pid, started + 1)).isFalse();
      while (!Processes.isZombie(pid)) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      assertThat(Processes.startTime(pid)).hasValue(started);
      assertThat(Processes.lives(pid, started)).isFalse();
    } finally {
      parent.destroyForcibly();
    }
  }

  /// Field 22, counted from the end of what the kernel prints: the name cannot disturb that.
  private static long startTimeFromTheEnd(int pid) throws IOException {
    var fields = List.of(Files.readString(Path.of("/proc/" + pid + "/stat")).trim().split(" "));
    return Long.parseLong(fields.get(fields.size() - (52 - 22) - 1));
  }

  private static long uidOf(Path path) throws IOException {
    return Integer.toUnsignedLong((Integer) Files.getAttribute(path, "unix:uid"));
  }
}
