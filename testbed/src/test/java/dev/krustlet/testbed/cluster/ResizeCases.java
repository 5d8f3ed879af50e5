package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Resources of a container that change while it runs.
final class ResizeCases {
  private static final String RESOURCES =
      """
      {"requests": {"cpu": "%1$s", "memory": "%2$s"}, "limits": {"cpu": "%1$s", "memory": "%2$s"}}\
      """;

  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  @ParameterizedTest
  @EnumSource
  void cpuAndMemoryAreResizedInPlace(Kind kind) throws IOException, InterruptedException {
    String resources = "resources: " + RESOURCES.formatted("100m", "32Mi");
    own.kubectl().apply(Manifests.server("app", kind.idle(), resources));
    own.kubectl().awaitReady("app");
    String container = ".status.containerStatuses[0]";
    String id = own.kubectl().field("pod/app", container + ".containerID");

    String patch =
        """
        {"spec": {"containers": [{"name": "app", "resources": %s}]}}\
        """
            .formatted(RESOURCES.formatted("200m", "64Mi"));
    own.kubectl().call("patch", "pod", "app", "--subresource", "resize", "--patch", patch);

    own.kubectl().awaitField("pod/app", container + ".resources.limits.memory", "64Mi");
    own.kubectl().awaitField("pod/app", container + ".resources.limits.cpu", "200m");
    assertThat(own.kubectl().field("pod/app", container + ".containerID")).isEqualTo(id);
    assertThat(own.kubectl().field("pod/app", container + ".restartCount")).isEqualTo("0");
    // what the container has, beyond what the kubelet says of it
    String metrics = own.node().ctr("tasks", "metrics", id.replace("containerd://", "")).out();
    assertThat(metrics).contains(Long.toString(64L << 20));
  }
}
