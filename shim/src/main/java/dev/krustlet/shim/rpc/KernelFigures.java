package dev.krustlet.shim.rpc;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import dev.krustlet.proto.cgroups.v1.MemoryEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Puts what the kernel counts into the fields that the metrics messages have for it.
final class KernelFigures {
  private KernelFigures() {}

  /// Sets every number whose field the kernel has a figure for.
  ///
  /// @param spelling from a field's name to the figure's
  static <B extends Message.Builder> B set(
      B message, Map<String, Long> figures, UnaryOperator<String> spelling) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      Long figure = figures.get(spelling.apply(field.getName()));
      if (figure != null && field.getJavaType() == JavaType.LONG) {
        message.setField(field, figure);
      }
    }
    return message;
  }

  /// How cgroup v1 spells a field of its memory figures.
  static String oldName(String field) {
    return field
        .replace("pg_pg_", "pgpg")
        .replace("pg_fault", "pgfault")
        .replace("pg_maj_fault", "pgmajfault")
        .replace("hierarchical_swap_limit", "hierarchical_memsw_limit");
  }

  /// One account of memory on cgroup v1; all zero where nobody counts.
  static MemoryEntry entry(Map<String, Long> figures, String account) {
    return MemoryEntry.newBuilder()
        .setLimit(figures.getOrDefault(account + "limit_in_bytes", 0L))
        .setUsage(figures.getOrDefault(account + "usage_in_bytes", 0L))
        .setMax(figures.getOrDefault(account + "max_usage_in_bytes", 0L))
        .setFailcnt(figures.getOrDefault(account + "failcnt", 0L))
        .build();
  }

  /// The time used on each CPU, in their order.
  static List<Long> perCpu(Map<String, Long> figures) {
    List<Long> times = new ArrayList<>();
    Long time = figures.get("cpuacct.usage_percpu.0");
    while (time != null) {
      times.add(time);
      time = figures.get("cpuacct.usage_percpu." + times.size());
    }
    return times;
  }
}
