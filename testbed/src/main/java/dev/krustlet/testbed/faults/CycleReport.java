package dev.krustlet.testbed.faults;

import java.util.List;
import java.util.stream.Collectors;

/// What daemon and engine held on the way through many containers.
///
/// @param problems a sentence for everything that was wrong
record CycleReport(List<State> states, List<String> problems) {
  /// @param seconds since the first
  /// @param daemon its pid
  /// @param engine its pid
  /// @param daemonPss KiB
  /// @param enginePss KiB
  /// @param heap KiB of the daemon's, after a full collection
  record State(
      int cycle,
      long seconds,
      long daemon,
      long engine,
      int daemonDescriptors,
      int engineDescriptors,
      int daemonThreads,
      int engineThreads,
      long daemonPss,
      long enginePss,
      long heap) {}

  private static final String HEADS =
      " cycles  seconds   daemon: pid  fds  threads  PSS KiB  heap KiB   engine: pid  fds  threads"
          + "  PSS KiB\n";

  boolean isClean() {
    return problems.isEmpty();
  }

  String text() {
    return HEADS
        + states.stream()
            .map(each ->
                "%7d %8d %13d %4d %8d %8d %9d %13d %4d %8d %8d%n"
                    .formatted(
                        each.cycle,
                        each.seconds,
                        each.daemon,
                        each.daemonDescriptors,
                        each.daemonThreads,
                        each.daemonPss,
                        each.heap,
                        each.engine,
                        each.engineDescriptors,
                        each.engineThreads,
                        each.enginePss))
            .collect(Collectors.joining())
        + "problems %d%n".formatted(problems.size())
        + problems.stream().map(each -> "  " + each + "\n").collect(Collectors.joining());
  }

  String json() {
    return states.stream()
        .map(each ->
            """
            {"cycle":%d,"seconds":%d,\
            "daemon":{"pid":%d,"fds":%d,"threads":%d,"pss_kib":%d,"heap_kib":%d},\
            "engine":{"pid":%d,"fds":%d,"threads":%d,"pss_kib":%d}}\
            """
                .formatted(
                    each.cycle,
                    each.seconds,
                    each.daemon,
                    each.daemonDescriptors,
                    each.daemonThreads,
                    each.daemonPss,
                    each.heap,
                    each.engine,
                    each.engineDescriptors,
                    each.engineThreads,
                    each.enginePss))
        .collect(
            Collectors.joining(
                ",", "{\"states\":[", "],\"problems\":%d}\n".formatted(problems.size())));
  }
}
