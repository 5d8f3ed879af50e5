package dev.krustlet.shim.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.cgroups.v1.HugetlbStat;
import dev.krustlet.proto.cgroups.v2.HugeTlbStat;
import dev.krustlet.proto.cgroups.v2.IOEntry;
import dev.krustlet.shim.engine.Stats.BlockIo;
import dev.krustlet.shim.engine.Stats.HugePages;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceMetricsTest {
  @Test
  void eachLegacyCountIsInTheListOfItsAccount() {
    var stat =
        DeviceMetrics.blkio(
            List.of(
                new BlockIo("io_service_bytes_recursive", 0, 9999, "Read", 5),
                new BlockIo("sectors_recursive", 0, 9999, "", 6),
                new BlockIo("something_new", 0, 9999, "", 7)));
    var entry = stat.getIoServiceBytesRecursive(0);
    assertThat(entry.getOp()).isEqualTo("Read");
    assertThat(entry.getMinor()).isEqualTo(9999);
    assertThat(entry.getDevice()).isEmpty(); // there is no such device
    assertThat(entry.getValue()).isEqualTo(5);
    assertThat(stat.getSectorsRecursive(0).getValue()).isEqualTo(6);
    assertThat(stat.getAllFields()).hasSize(2);
  }

  @Test
  void aDeviceIsOneEntryOnUnifiedHosts() {
    var stat =
        DeviceMetrics.io(
            List.of(
                new BlockIo("rbytes", 8, 0, "", 1),
                new BlockIo("wios", 8, 0, "", 2),
                new BlockIo("dbytes", 8, 0, "", 3),
                new BlockIo("rbytes", 8, 16, "", 4)));
    assertThat(stat.getUsageList())
        .containsExactly(
            IOEntry.newBuilder().setMajor(8).setRbytes(1).setWios(2).build(),
            IOEntry.newBuilder().setMajor(8).setMinor(16).setRbytes(4).build());
  }

  @Test
  void theMaximumOfHugePagesIsThePeakOnOneVersionAndTheLimitOnTheOther() {
    var sizes =
        List.of(new HugePages("2MB", 1, 2, Long.MAX_VALUE, 3), new HugePages("1GB", 0, 0, 0, 0));
    assertThat(DeviceMetrics.hugePagesV1(sizes).getFirst())
        .isEqualTo(
            HugetlbStat.newBuilder()
                .setPagesize("2MB")
                .setUsage(1)
                .setMax(2)
                .setFailcnt(3)
                .build());
    assertThat(DeviceMetrics.hugePagesV2(sizes, -1))
        .containsExactly(
            HugeTlbStat.newBuilder().setPagesize("2MB").setCurrent(1).setMax(-1).build(),
            HugeTlbStat.newBuilder().setPagesize("1GB").build());
  }
}
