package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.shim.engine.Stats.BlockIo;
import dev.krustlet.shim.engine.Stats.HugePages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Directories with files like the kernel's.
class DeviceFiguresTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // by JUnit
  private Path group;

  private void file(String name, String text) throws IOException {
    Files.writeString(group.resolve(name), text);
  }

  @Test
  void aSchedulerThatCountsNothingLeavesItToTheThrottle() throws IOException {
    file("blkio.bfq.io_serviced_recursive", "Total 0\n");
    file(
        "blkio.throttle.io_serviced_recursive",
        "254:0 Read 25\n254:0 Write 10\n254:0 Total 35\nTotal 35\n");
    assertThat(DeviceFigures.legacyIo(group))
        .containsExactly(
            new BlockIo("io_serviced_recursive", 254, 0, "Read", 25),
            new BlockIo("io_serviced_recursive", 254, 0, "Write", 10),
            new BlockIo("io_serviced_recursive", 254, 0, "Total", 35));
  }

  @Test
  void timeAndSectorsHaveNoOperation() throws IOException {
    file("blkio.time_recursive", "8:16 7\n");
    file("blkio.sectors_recursive", "8:16 9\n");
    assertThat(DeviceFigures.legacyIo(group))
        .containsExactly(
            new BlockIo("io_time_recursive", 8, 16, "", 7),
            new BlockIo("sectors_recursive", 8, 16, "", 9));
  }

  @Test
  void theUnifiedFileHasALineForEachDevice() throws IOException {
    file("io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 cost.vrate=99.5\n8:16 \n253:1 rbytes=5\n");
    assertThat(DeviceFigures.unifiedIo(group))
        .containsExactlyInAnyOrder(
            new BlockIo("rbytes", 8, 0, "", 1),
            new BlockIo("wbytes", 8, 0, "", 2),
            new BlockIo("rios", 8, 0, "", 3),
            new BlockIo("wios", 8, 0, "", 4),
            new BlockIo("rbytes", 253, 1, "", 5));
  }

  @Test
  void hugePagesAreFoundByTheSizesThatThereAre() throws IOException {
    file("hugetlb.2MB.current", "4194304\n");
    file("hugetlb.2MB.rsvd.current", "1\n");
    file("hugetlb.2MB.max", "max\n");
    file("hugetlb.1GB.usage_in_bytes", "0\n");
    file("hugetlb.1GB.max_usage_in_bytes", "1073741824\n");
    file("hugetlb.1GB.failcnt", "3\n");
    assertThat(DeviceFigures.hugePages(group))
        .containsExactlyInAnyOrder(
            new HugePages("2MB", 4194304, 0, Long.MAX_VALUE, 0),
            new HugePages("1GB", 0, 1073741824, 0, 3));
  }

  @Test
  void aControllerThatIsNotThereHasNoFigures() throws IOException {
    Path none = group.resolve("none");
    assertThat(DeviceFigures.legacyIo(none)).isEmpty();
    assertThat(DeviceFigures.unifiedIo(none)).isEmpty();
    assertThat(DeviceFigures.hugePages(none)).isEmpty();
  }
}
