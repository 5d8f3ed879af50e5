package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.shim.engine.Stats.Pressure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files as kernels since 4.20 write them.
class PressureFilesTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // by JUnit
  private Path group;

  @Test
  void whatTheKernelTellsIsRead() throws IOException {
    Files.writeString(
        group.resolve("memory.pressure"),
        """
        some avg10=12.50 avg60=3.07 avg300=0.62 total=8713220
        full avg10=1.00 avg60=0.25 avg300=0.05 total=901
        """);
    // of a whole machine; kernels before 5.13 have no second line for a group either
    Files.writeString(
        group.resolve("cpu.pressure"), "some avg10=0.00 avg60=0.00 avg300=0.00 total=42\n");

    assertThat(PressureFiles.of(group))
        .containsOnlyKeys("memory", "cpu")
        .containsEntry(
            "memory",
            new Pressure(
                new Pressure.Share(12.5, 3.07, 0.62, 8_713_220),
                Optional.of(new Pressure.Share(1, 0.25, 0.05, 901))))
        .containsEntry("cpu", new Pressure(new Pressure.Share(0, 0, 0, 42), Optional.empty()));
  }

  @Test
  void whatItDoesNotTellIsLeftOut() throws IOException {
    Files.createDirectory(group.resolve("io.pressure")); // as unreadable as one switched off
    Files.writeString(group.resolve("cpu.pressure"), "");
    Files.writeString(group.resolve("memory.pressure"), "some avg10=much\n");

    assertThat(PressureFiles.of(group)).isEmpty();
  }

  @Test
  void theyAreAmongTheFiguresOfTheContainer() throws IOException {
    Files.writeString(
        group.resolve("io.pressure"), "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");

    assertThat(new CgroupV2(group).stats().pressure()).containsOnlyKeys("io");
  }
}
