package dev.krustlet.testbed.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerLogTest {
  private static final String LOG =
      """
      2026-10-06T00:17:09.669794202Z stdout P the first half
      2026-10-06T00:17:09.669794203Z stderr F meanwhile
      2026-10-06T00:17:09.669794204Z stdout F  and the second
      2026-10-06T02:17:10+02:00 stdout F\s
      """;

  @Test
  void linesKeepTheirStreamAndPartsAreJoined() {
    ContainerLog log = ContainerLog.parse(LOG);
    assertThat(log.out()).isEqualTo("the first half and the second\n\n");
    assertThat(log.err()).isEqualTo("meanwhile\n");
    assertThat(log.lines().getLast().time()).isEqualTo(Instant.parse("2026-10-06T00:17:10Z"));
  }

  @Test
  void aLineThatIsBeingWrittenIsLeftOut(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("log");
    assertThat(ContainerLog.read(file).lines()).isEmpty();
    Files.writeString(file, "2026-10-06T00:17:09Z stdout F one\n2026-10-06T00:17:09Z std");
    assertThat(ContainerLog.read(file).out()).isEqualTo("one\n");
  }

  @Test
  void whatIsNoLogIsRefused() {
    assertThatThrownBy(() -> ContainerLog.parse("hello\n")).hasMessageContaining("'hello'");
    assertThatThrownBy(() -> ContainerLog.parse("2026-10-06T00:17:09Z stdout X one\n"))
        .hasMessageContaining("stdout X one");
  }
}
