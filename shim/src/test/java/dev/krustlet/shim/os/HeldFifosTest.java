package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class HeldFifosTest {
  @TempDir Path directory;
  private Path fifo = Path.of("");

  @BeforeEach
  void makeFifo() throws IOException {
    fifo = directory.resolve("fifo");
    Fifos.create(fifo);
  }

  private void write(String text) throws IOException {
    try (var writer = Fifos.openWrite(fifo)) {
      LibcFiles.write(writer, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void aReaderThatComesAfterTheWriterMissesNothingAndSeesTheEnd()
      throws ExecutionException, IOException, InterruptedException {
    var held = HeldFifos.of(List.of(fifo, directory.resolve("none"), Path.of("/dev/null")));
    write("all of it");
    var reading = new FutureTask<>(() -> Files.readString(fifo));
    Thread.ofPlatform().name("late-reader").start(reading);
    held.letGo(Duration.ofSeconds(15));
    assertThat(reading.get()).isEqualTo("all of it");
  }

  @Test
  void aReaderThatComesAfterTheExitWasToldMissesNothing() throws IOException, InterruptedException {
    var held = HeldFifos.of(List.of(fifo));
    write("all of it");
    held.letGo(Duration.ofMillis(10));
    held.close(); // its container is deleted
    assertThat(Files.readString(fifo)).isEqualTo("all of it");
  }

  @Test
  void aReaderThatNeverComesIsNotWaitedForWhenTheContainerIsDeleted()
      throws IOException, InterruptedException {
    var held = HeldFifos.of(List.of(fifo));
    write("for nobody");
    held.letGo(Duration.ofMillis(10));
    held.close(Duration.ofMillis(10));
    while (isHeld()) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private boolean isHeld() throws IOException {
    try {
      Fifos.openWrite(fifo).close();
      return true;
    } catch (ErrnoException e) {
      assertThat(e.errno()).isEqualTo(Errno.ENXIO);
      return false;
    }
  }

  @Test
  void lettingGoOfWhatIsClosedDoesNothing() throws IOException, InterruptedException {
    var held = HeldFifos.of(List.of(fifo));
    held.close();
    held.letGo(Duration.ofSeconds(15));
    held.close();
  }
}
