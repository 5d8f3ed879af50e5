package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogFileTest {
  @TempDir private Path directory;

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void everybodyMayReadItWhateverTheUmask() throws IOException {
    Path log = directory.resolve("a/b/log");
    LibcProcesses.umask(077);
    try (Fd _ = LogFile.open(log)) {
      assertThat(mode(log)).isEqualTo("rw-r--r--");
      assertThat(mode(directory.resolve("a/b"))).isEqualTo("rwxr-xr-x");
      assertThat(mode(directory.resolve("a"))).isEqualTo("rwxr-xr-x");
    } finally {
      LibcProcesses.umask(022);
    }
  }

  @Test
  void whatIsThereKeepsItsModeAndItsText() throws IOException {
    Path log = Files.writeString(directory.resolve("log"), "before\n");
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-------"));
    try (Fd fd = LogFile.open(log)) {
      int _ = LibcFiles.write(fd, "after\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(log).hasContent("before\nafter");
    assertThat(mode(log)).isEqualTo("rw-------");
  }
}
