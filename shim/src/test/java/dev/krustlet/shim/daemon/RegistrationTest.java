package dev.krustlet.shim.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistrationTest {
  @TempDir private Path directory;

  @Test
  void theRecordIsOneLineThatLaunchersRead() throws IOException {
    try (var registration = Registration.claim(directory).orElseThrow()) {
      registration.announce(new DaemonRecord(7, 1234, "unix:///run/x/task.sock"));

      assertThat(directory.resolve("daemon")).hasContent("7 1234 unix:///run/x/task.sock");
    }
    assertThat(directory.resolve("daemon")).doesNotExist();
  }

  @Test
  void aSuccessorMayClaimOnceTheFirstHasLetGo() throws IOException {
    var first = Registration.claim(directory).orElseThrow();
    first.close();
    first.close();

    try (var second = Registration.claim(directory).orElseThrow()) {
      second.announce(new DaemonRecord(8, 1, "unix:///y"));
      first.close();

      assertThat(directory.resolve("daemon")).exists();
    }
  }
}
