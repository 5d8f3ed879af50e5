package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class SpawnTest {
  @TempDir private Path directory;
  private final Poller poller = Poller.start();
  private final Reaper reaper = new Reaper(poller);

  SpawnTest() throws IOException {}

  @AfterEach
  void endPoller() throws IOException {
    poller.close();
  }

  private int run(String script, String... environment) throws IOException {
    var spawn = new Spawn(List.of("/bin/sh", "-c", script), List.of(environment), directory);
    try (Fd nothing = Fd.openTrusted(Path.of("/dev/null"));
        Fd out = LogFile.open(directory.resolve("out"));
        Fd err = LogFile.open(directory.resolve("err"))) {
      return reaper.watch(spawn.start(nothing, out, err)).orTimeout(20, TimeUnit.SECONDS).join();
    }
  }

  private String out() throws IOException {
    return Files.readString(directory.resolve("out"));
  }

  @Test
  void aProgramHasItsArgumentsItsEnvironmentItsDirectoryItsStreamsAndItsStatus()
      throws IOException {
    assertThat(run("pwd; echo $NAME; echo oops >&2; exit 7", "NAME=größe")).isEqualTo(7);
    assertThat(out()).isEqualTo(directory + "\ngröße\n");
    assertThat(directory.resolve("err")).hasContent("oops");
    assertThat(run("kill -TERM $$")).isEqualTo(128 + 15);
  }

  @Test
  void noSignalIsBlockedOrIgnored() throws IOException {
    run("grep -E '^Sig(Blk|Ign):' /proc/self/status");
    assertThat(out()).isEqualTo("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  }

  @Test
  void noOtherDescriptorIsPassedOn() throws IOException {
    try (var _ = Files.newInputStream(Path.of("/proc/self/status"))) {
      run("cd /proc/self/fd && echo *");
    }
    assertThat(out()).matches("0 1 2( \\d+)?\n"); // the shell may have the directory open
  }

  @Test
  void whatCannotBeStartedIsNamed() throws IOException {
    var none = new Spawn(List.of("/no/such/program"), List.of(), directory);
    try (Fd nothing = Fd.openTrusted(Path.of("/dev/null"))) {
      assertThatExceptionOfType(ErrnoException.class)
          .isThrownBy(() -> none.start(nothing, nothing, nothing))
          .withMessageContaining("start /no/such/program")
          .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    }
  }
}
