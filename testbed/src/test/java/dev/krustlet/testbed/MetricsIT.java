package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What containerd itself tells Prometheus of containers of both kinds.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class MetricsIT {
  private final Installation installation;

  MetricsIT(Installation installation) {
    this.installation = installation;
  }

  private TestNode start(int port) throws IOException, InterruptedException {
    Bed bed = Bed.make();
    var config = ContainerdConfig.tasksAndMetrics(bed, installation.configVersion(), port);
    var node = new TestNode(PrivateContainerd.start(bed, installation, config, Map.of()));
    Guests.importInto(node.containerd(), installation);
    return node;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void theCollectorsFindAllTheyReadInBothKinds() throws IOException, InterruptedException {
    int port = freePort();
    try (var node = start(port);
        var client = HttpClient.newHttpClient()) {
      node.detach("wasm", "/counter.wasm");
      node.detach("native", "/bin/sh", "-c", "while :; do :; done");
      var url = URI.create("http://127.0.0.1:%d/v1/metrics".formatted(port));
      var told = client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString()).body();
      for (String id : new String[] {"wasm", "native"}) {
        for (String figure :
            new String[] {"cpu_total_nanoseconds", "memory_usage_usage_bytes", "pids_current"}) {
          assertThat(told)
              .containsPattern(
                  "container_%s\\{container_id=\"%s\",.*\\} [1-9]".formatted(figure, id));
        }
      }
      node.delete("wasm");
      node.delete("native");
      node.assertNoContainerIsLeft();
    }
  }

  @Test
  void whatAContainerWritesToADeviceIsCounted() throws IOException, InterruptedException {
    int port = freePort();
    try (var node = start(port);
        var client = HttpClient.newHttpClient()) {
      String device = deviceOf(node.bed().path());
      assumeThat(Path.of("/sys/dev/block", device)).exists();
      var write = "busybox dd if=/dev/zero of=/written bs=4096 count=4 oflag=direct 2>/dev/null";
      node.detach("native", "/bin/sh", "-c", "while :; do /bin/" + write + "; done");
      haveItCounted(device, node.bed().name() + "/native");
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/v1/metrics".formatted(port)))
              .build();
      var count =
          Pattern.compile(
              "container_(blkio_io_service_bytes_recursive|io_wbytes)_bytes"
                  + "\\{container_id=\"native\",.*\\} [1-9]");
      Await.until(
          "bytes that were written",
          TestNode.SOON,
          () -> count.matcher(client.send(request, BodyHandlers.ofString()).body()).find());
      node.delete("native");
      node.assertNoContainerIsLeft();
    }
  }

  /// Of the file's file system, as `MAJOR:MINOR`.
  private static String deviceOf(Path file) throws IOException {
    long device = (long) Files.getAttribute(file, "unix:dev");
    return "%d:%d".formatted((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00));
  }

  /// On cgroup v1 the kernel counts nothing for who is not throttled: a limit out of reach does it.
  private static void haveItCounted(String device, String cgroup) throws IOException {
    Path group = Path.of("/sys/fs/cgroup/blkio", cgroup);
    if (Files.isDirectory(group)) {
      Files.writeString(
          group.resolve("blkio.throttle.write_bps_device"), device + " 1000000000000");
    }
  }
}
