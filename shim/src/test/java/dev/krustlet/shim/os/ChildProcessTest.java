package dev.krustlet.shim.os;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Programs with streams of ours.
@Timeout(60)
class ChildProcessTest {
  @TempDir private Path directory;

  private static Spawn shell(String script) {
    return Spawn.here(List.of("/bin/sh", "-c", script), List.of("GREETING=hello"));
  }

  @Test
  void itReadsWhatWeWriteAndSaysWhatWeRead() throws IOException, InterruptedException {
    var child =
        ChildProcess.start(
            shell("read word; echo \"$GREETING $word\"; echo oh >&2; exit 7"),
            ChildStream.PIPE,
            ChildStream.PIPE,
            ChildStream.PIPE);

    child.getOutputStream().write("world\n".getBytes(UTF_8));

    assertThat(new String(child.getInputStream().readAllBytes(), UTF_8)).isEqualTo("hello world\n");
    assertThat(new String(child.getErrorStream().readAllBytes(), UTF_8)).isEqualTo("oh\n");
    assertThat(child.waitFor()).isEqualTo(7);
    assertThat(child.exitValue()).isEqualTo(7);
    assertThat(child.isAlive()).isFalse();
    assertThat(child.onExit().join()).isSameAs(child);
    child.destroyForcibly(); // nobody else is hit
  }

  @Test
  void itsFilesAreOpenedForIt() throws IOException, InterruptedException {
    Path in = Files.writeString(directory.resolve("in"), "of a file");
    Path out = Files.writeString(directory.resolve("out"), "something longer than what comes");

    var child =
        ChildProcess.start(
            new Spawn(List.of("/bin/sh", "-c", "cat; pwd; echo said >&2"), List.of(), directory),
            new ChildStream.File(in),
            new ChildStream.File(out),
            ChildStream.OUTPUT);

    assertThat(child.waitFor()).isZero();
    assertThat(out).hasContent("of a file" + directory.toRealPath() + "\nsaid\n");
  }

  /// More of them than there are carrier threads.
  @Test
  void virtualThreadsThatReadHoldUpNoOthers() throws IOException, InterruptedException {
    var children = new ArrayList<ChildProcess>();
    var readers = new ArrayList<Thread>();
    for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
      var child =
          ChildProcess.start(
              shell("exec sleep 1000"), ChildStream.NULL, ChildStream.PIPE, ChildStream.NULL);
      children.add(child);
      readers.add(Thread.startVirtualThread(() -> readToTheEnd(child)));
    }

    assertThat(Thread.startVirtualThread(() -> {}).join(Duration.ofSeconds(30))).isTrue();

    children.forEach(ChildProcess::destroyForcibly);
    for (Thread each : readers) {
      each.join();
    }
  }

  private static void readToTheEnd(ChildProcess child) {
    try {
      assertThat(child.getInputStream().readAllBytes()).isEmpty();
    } catch (IOException _) {
      // closed when it was killed
    }
  }

  @Test
  void aSignalEndsIt() throws IOException, InterruptedException {
    var told =
        ChildProcess.start(
            shell("trap 'exit 3' TERM; echo; while :; do sleep 0.01; done"),
            ChildStream.NULL,
            ChildStream.PIPE,
            ChildStream.NULL);
    assertThat(told.getInputStream().read()).isEqualTo('\n');
    assertThat(told.waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
    assertThatThrownBy(told::exitValue).isInstanceOf(IllegalThreadStateException.class);

    told.destroy();
    assertThat(told.waitFor()).isEqualTo(3);

    var killed =
        ChildProcess.start(
            shell("exec sleep 1000"), ChildStream.PIPE, ChildStream.NULL, ChildStream.NULL);
    assertThat(killed.destroyForcibly().waitFor()).isEqualTo(128 + 9);
  }

  @Test
  void whatIsNoProgramIsSaidAndNothingStaysOpen() throws IOException {
    var missing = Spawn.here(List.of("/no/such/program"), List.of());
    long before = openFiles();

    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() ->
              ChildProcess.start(missing, ChildStream.PIPE, ChildStream.PIPE, ChildStream.PIPE))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("/no/such/program");
    }

    assertThat(openFiles()).isLessThan(before + 50);
  }

  @Test
  void whatHasEndedLeavesNothingOpen() throws IOException, InterruptedException {
    long before = openFiles();

    for (int i = 0; i < 50; i++) {
      var child =
          ChildProcess.start(shell("exit"), ChildStream.PIPE, ChildStream.PIPE, ChildStream.PIPE);
      assertThat(child.waitFor()).isZero();
      child.destroyForcibly();
    }

    assertThat(openFiles()).isLessThan(before + 50);
  }

  private static long openFiles() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
