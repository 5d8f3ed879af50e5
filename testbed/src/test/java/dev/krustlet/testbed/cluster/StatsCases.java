package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.regex.Pattern;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the kubelet says that containers use, beside what the engine or the kernel says. It asks
/// containerd for all of it, with the feature gate PodAndContainerStatsFromCRI or without.
final class StatsCases {
  private static final Percentage CLOSE = Percentage.withPercentage(5);

  /// For figures that are taken some time apart.
  private static final long WHILE = 30_000; // ms

  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  /// A figure of a container.
  ///
  /// @param at in milliseconds of the clock
  private record Figure(double value, long at) {
    /// By the second since an earlier one.
    double rate(Figure earlier) {
      return (value - earlier.value) / (at - earlier.at) * 1000;
    }
  }

  /// What `kubectl top` and autoscalers build on.
  private Figure ofKubelet(String name) throws IOException, InterruptedException {
    String all =
        own.kubectl().call("get", "--raw", "/api/v1/nodes/krustlet/proxy/metrics/resource");
    var line =
        Pattern.compile(
                "(?m)^%s\\{container=\"app\",namespace=\"%s\",pod=\"app\"} (\\S+) (\\d+)$"
                    .formatted(name, own.name()))
            .matcher(all);
    return line.find()
        ? new Figure(Double.parseDouble(line.group(1)), Long.parseLong(line.group(2)))
        : new Figure(-1, 0);
  }

  @ParameterizedTest
  @EnumSource
  void cpuIsThatOfTheContainer(Kind kind) throws IOException, InterruptedException {
    String busy = kind == Kind.WASM ? "[/loop.wat]" : Kind.shell("while :; do :; done");
    String rest = "resources: {limits: {cpu: 100m}}";
    own.kubectl().apply(Manifests.server("app", busy, rest).replace("Seconds: 30", "Seconds: 1"));
    own.kubectl().awaitReady("app");
    String metric = "container_cpu_usage_seconds_total";
    own.kubectl().until("a figure", () -> ofKubelet(metric).value > 0);
    Figure told = ofKubelet(metric);
    Figure used = ofContainer("cpu");
    own.kubectl().until("some CPU time", () -> ofKubelet(metric).at > told.at + WHILE);

    double rate = ofKubelet(metric).rate(told);
    assertThat(rate).isCloseTo(ofContainer("cpu").rate(used), CLOSE);
    // and close to the limit that it has
    assertThat(rate).isCloseTo(0.1, within(0.02));
  }

  @ParameterizedTest
  @EnumSource
  void memoryIsThatOfTheContainer(Kind kind) throws IOException, InterruptedException {
    own.kubectl().apply(Manifests.server("app", kind.idle(), ""));
    own.kubectl().awaitReady("app");
    String metric = "container_memory_working_set_bytes";
    own.kubectl().until("a figure", () -> ofKubelet(metric).value > 0);

    own.kubectl()
        .until(
            "the engine's figure",
            () -> {
              double used = ofContainer("memory").value;
              return Math.abs(ofKubelet(metric).value - used) <= used / 20;
            });
  }

  /// By `ctr tasks metrics`, which asks the shim: CPU time in seconds, memory in bytes.
  private Figure ofContainer(String cpuOrMemory) throws IOException, InterruptedException {
    String id = own.kubectl().field("pod/app", ".status.containerStatuses[0].containerID");
    String metrics = own.node().ctr("tasks", "metrics", id.replace("containerd://", "")).out();
    double value =
        cpuOrMemory.equals("cpu")
            ? number(metrics, "cpuacct\\.usage") / 1e9
            : number(metrics, "memory\\.usage_in_bytes");
    double seconds = number(metrics, ".*seconds:");
    double nanos = number(metrics, ".*nanos:");
    return new Figure(value, (long) (seconds * 1000 + nanos / 1e6));
  }

  private static double number(String metrics, String before) throws IOException {
    var found = Pattern.compile("(?m)^" + before + "\\s*(\\d+)").matcher(metrics);
    if (!found.find()) {
      throw new IOException("no " + before + " in " + metrics);
    }
    return Double.parseDouble(found.group(1));
  }
}
