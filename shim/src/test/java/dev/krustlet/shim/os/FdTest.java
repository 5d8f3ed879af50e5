package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FdTest {
  private static final int SPARE_NUMBER = 900;

  @TempDir Path directory;

  @Test
  void closingTwiceDoesNotCloseWhoeverHasTheNumberNow() throws IOException {
    try (var other = open(Files.writeString(directory.resolve("other"), "alive"))) {
      LibcDescriptors.dup2(other, SPARE_NUMBER);
      var fd = new Fd(SPARE_NUMBER);
      fd.close();
      LibcDescriptors.dup2(other, SPARE_NUMBER);

      fd.close();

      try (var successor = new Fd(SPARE_NUMBER)) {
        assertThat(successor.readUpTo(5)).asString().isEqualTo("alive");
      }
    }
  }

  @Test
  void aClosedDescriptorIsRefusedByName() throws IOException {
    var fd = open(Files.writeString(directory.resolve("file"), "x"));
    fd.close();

    assertThatExceptionOfType(ErrnoException.class)
        .isThrownBy(() -> fd.readUpTo(1))
        .withMessage("read fd -1: bad file descriptor (EBADF)")
        .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
  }

  @Test
  void readsTheStartAgainAndAgainAndNoMoreThanThereIs() throws IOException {
    var content = new byte[100_000];
    Arrays.fill(content, (byte) 7);
    try (var fd = open(Files.write(directory.resolve("file"), content))) {
      assertThat(fd.readUpTo(3)).containsExactly(7, 7, 7);
      assertThat(fd.readUpTo(200_000)).isEqualTo(content);
      assertThat(fd.size()).isEqualTo(content.length);
    }
  }

  @Test
  void itsProcPathOpensTheSameFileAfterItsNameIsGone() throws IOException {
    var file = Files.writeString(directory.resolve("file"), "still here");
    try (var fd = open(file)) {
      Files.delete(file);

      assertThat(fd.procPath()).hasContent("still here");
    }
  }

  @Test
  void aFileThatWasWrittenToIsAnotherIdentity() throws IOException {
    var file = Files.writeString(directory.resolve("file"), "one");
    var before = FileIdentity.of(file);
    try (var fd = open(file)) {
      assertThat(FileIdentity.of(fd)).isEqualTo(before);
    }

    Files.writeString(file, "three");

    var after = FileIdentity.of(file);
    assertThat(after).isNotEqualTo(before);
    assertThat(after.inode()).isEqualTo(before.inode());
    assertThat(after.size()).isEqualTo(5);
  }

  @Test
  void identityHasTheFiguresOfTheJdk() throws IOException {
    var file = Files.writeString(directory.resolve("file"), "x");

    var identity = FileIdentity.of(file);

    assertThat(identity.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
    long millis = Files.getLastModifiedTime(file).toMillis();
    assertThat(identity.mtimeNanos() / 1_000_000).isEqualTo(millis);
  }

  private static Fd open(Path file) throws IOException {
    return LibcFiles.open(file.toString(), OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0);
  }
}
