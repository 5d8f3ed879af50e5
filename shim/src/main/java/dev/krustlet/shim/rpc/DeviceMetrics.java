package dev.krustlet.shim.rpc;

import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.krustlet.proto.cgroups.v1.BlkIOEntry;
import dev.krustlet.proto.cgroups.v1.BlkIOStat;
import dev.krustlet.proto.cgroups.v1.HugetlbStat;
import dev.krustlet.proto.cgroups.v2.HugeTlbStat;
import dev.krustlet.proto.cgroups.v2.IOEntry;
import dev.krustlet.proto.cgroups.v2.IOStat;
import dev.krustlet.shim.engine.Stats.BlockIo;
import dev.krustlet.shim.engine.Stats.HugePages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Block I/O and huge pages in the metrics messages of both cgroup versions.
final class DeviceMetrics {
  private static final Path DEVICES = Path.of("/sys/dev/block");
  private static final String NAME = "DEVNAME=";

  private DeviceMetrics() {}

  /// Counts of what the message has no field for are left out.
  static BlkIOStat blkio(List<BlockIo> counts) {
    var stat = BlkIOStat.newBuilder();
    Map<Device, String> files = new HashMap<>(); // each is asked for once
    for (BlockIo count : counts) {
      @Nullable FieldDescriptor field = BlkIOStat.getDescriptor().findFieldByName(count.account());
      if (field != null) {
        var device = new Device(count.major(), count.minor());
        stat.addRepeatedField(
            field,
            BlkIOEntry.newBuilder()
                .setOp(count.operation())
                .setDevice(files.computeIfAbsent(device, DeviceMetrics::file))
                .setMajor(count.major())
                .setMinor(count.minor())
                .setValue(count.count())
                .build());
      }
    }
    return stat.build();
  }

  /// The device's file; empty if the kernel does not know it any more.
  private static String file(Device device) {
    Path about = DEVICES.resolve(device.major + ":" + device.minor).resolve("uevent");
    try {
      return Files.readAllLines(about).stream()
          .filter(line -> line.startsWith(NAME))
          .map(line -> "/dev/" + line.substring(NAME.length()))
          .findFirst()
          .orElse("");
    } catch (IOException _) {
      return "";
    }
  }

  private record Device(long major, long minor) {}

  static IOStat io(List<BlockIo> counts) {
    Map<Device, IOEntry.Builder> devices = new LinkedHashMap<>();
    for (BlockIo count : counts) {
      @Nullable FieldDescriptor field = IOEntry.getDescriptor().findFieldByName(count.account());
      if (field != null) {
        devices
            .computeIfAbsent(
                new Device(count.major(), count.minor()),
                device -> IOEntry.newBuilder().setMajor(device.major).setMinor(device.minor))
            .setField(field, count.count());
      }
    }
    var stat = IOStat.newBuilder();
    devices.values().forEach(stat::addUsage);
    return stat.build();
  }

  static List<HugetlbStat> hugePagesV1(List<HugePages> sizes) {
    return sizes.stream()
        .map(size ->
            HugetlbStat.newBuilder()
                .setPagesize(size.pageSize())
                .setUsage(size.usage())
                .setMax(size.peak())
                .setFailcnt(size.limitHits())
                .build())
        .toList();
  }

  /// @param unlimited what stands for no limit
  static List<HugeTlbStat> hugePagesV2(List<HugePages> sizes, long unlimited) {
    return sizes.stream()
        .map(size ->
            HugeTlbStat.newBuilder()
                .setPagesize(size.pageSize())
                .setCurrent(size.usage())
                .setMax(size.limit() == Long.MAX_VALUE ? unlimited : size.limit())
                .build())
        .toList();
  }
}
