package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class FifosTest {
  @TempDir Path directory;
  private Path fifo = Path.of("");

  @BeforeEach
  void makeFifo() throws IOException {
    fifo = directory.resolve("fifo");
    Fifos.create(fifo);
  }

  @Test
  void bothEndsInOneKeepWhatIsWrittenForALaterReader() throws IOException {
    try (var held = Fifos.openReadWrite(fifo)) {
      try (var writer = Fifos.openWrite(fifo)) {
        LibcFiles.write(writer, "kept".getBytes(StandardCharsets.UTF_8));
      }
      try (var reader = Fifos.openRead(fifo)) {
        assertThat(LibcFiles.read(reader, 10)).asString().isEqualTo("kept");
      }
      assertThat(held.isRegularFile()).isFalse();
    }
  }

  @Test
  void writingNeedsAReader() {
    assertThatExceptionOfType(ErrnoException.class)
        .isThrownBy(() -> Fifos.openWrite(fifo))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENXIO));
  }

  @Test
  void whatIsNoFifoIsNotOpened() throws IOException {
    var file = Files.writeString(directory.resolve("file"), "x");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Fifos.openReadWrite(file))
        .withMessage("open %s: not a fifo", file);
  }

  @Test
  void isFifoTellsFifosFromFilesAndFromNothing() throws IOException {
    assertThat(Fifos.isFifo(fifo)).isTrue();
    assertThat(Fifos.isFifo(Files.writeString(directory.resolve("file"), "x"))).isFalse();
    assertThat(Fifos.isFifo(directory.resolve("missing"))).isFalse();
    assertThat(Fifos.isFifo(directory.resolve("file/beneath"))).isFalse();
  }
}
