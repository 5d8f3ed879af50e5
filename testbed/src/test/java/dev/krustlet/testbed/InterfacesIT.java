package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.krustlet.proto.cri.v1.KeyValue;
import dev.krustlet.testbed.pods.ContainerLog;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What stands behind the interfaces of a component in a pod: its log, mounted configuration, and a
/// Redis that an annotation names.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class InterfacesIT {
  private static final String COUNTER = "/keyvalue-counter.wasm";

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  InterfacesIT(Installation installation) {
    assertThat(pods.kubelet().containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    pods = TestPods.start(installation);
  }

  @AfterEach
  void noPodIsLeft() throws IOException {
    pods.kubelet().removePods();
    pods.assertNoPodIsLeft();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    pods.close();
  }

  /// A volume as the kubelet makes it of a ConfigMap.
  private static Path configMap(String name, Map<String, String> values) throws IOException {
    Path volume = pods.volume(name);
    Path data = Files.createDirectory(volume.resolve("..2026_11_24"));
    Files.createSymbolicLink(volume.resolve("..data"), data.getFileName());
    for (var value : values.entrySet()) {
      Files.writeString(data.resolve(value.getKey()), value.getValue());
      Files.createSymbolicLink(volume.resolve(value.getKey()), Path.of("..data", value.getKey()));
    }
    return volume;
  }

  private static ContainerLog count(Pod pod, Path config) throws IOException, InterruptedException {
    PodContainer counter =
        pod.start(
            Pod.container("counter", Guests.IMAGE, COUNTER)
                .addEnvs(
                    KeyValue.newBuilder().setKey("times").setValue(ByteString.copyFromUtf8("2")))
                .addMounts(TestPods.mount(config, "/etc/counter", true)));
    var status = counter.awaitExit(TestPods.SOON);
    assertThat(status.getExitCode()).as(counter.log().toString()).isZero();
    return counter.log();
  }

  @Test
  void aMountedConfigMapIsItsConfigurationAndItsMessagesAreInTheLog()
      throws IOException, InterruptedException {
    Path config = configMap("memory", Map.of("step", "7\n"));
    Map<String, String> annotations = Map.of("krustlet.dev/config-dirs", "/etc/counter");

    ContainerLog annotated = count(pods.kubelet().run("memory", "krustlet", annotations), config);
    ContainerLog plain = count(pods.kubelet().run("plain", "krustlet"), config);

    assertThat(annotated.out()).isEqualTo("count 7\ncount 14\n");
    assertThat(annotated.err()).isEqualTo("INFO counter: steps of 7 in bucket counter\n");
    assertThat(plain.out()).isEqualTo("count 1\ncount 2\n");
  }

  @Test
  void aRedisKeepsTheCountFromOnePodToTheNext() throws IOException, InterruptedException {
    assumeTrue(Redis.isInstalled(), "needs redis-tools");
    String gateway = pods.kubelet().network().gateway();
    Path config = configMap("redis", Map.of("times", "1", "bucket", "visits"));
    Map<String, String> annotations =
        Map.of(
            "krustlet.dev/config-dirs",
            "/etc/counter",
            "krustlet.dev/keyvalue",
            Redis.url(gateway));
    try (Command _ = Redis.start(pods, gateway)) {
      for (String pod : List.of("one", "two")) {
        var log = count(pods.kubelet().run(pod, "krustlet", annotations), config);
        assertThat(log.out()).isEqualTo(pod.equals("one") ? "count 1\n" : "count 2\n");
        assertThat(log.err()).isEqualTo("INFO counter: steps of 1 in bucket visits\n");
      }
    }
  }
}
