package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images without a root in pods, beside their sidecars.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuildAndLegacy")
final class ImagePodIT {
  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  private final BuiltImages images;

  ImagePodIT(Installation installation) {
    assertThat(pods.kubelet().containerd().installation()).isEqualTo(installation);
    this.images = new BuiltImages(pods.kubelet().containerd());
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    pods = TestPods.start(installation);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    pods.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--wasm-layer", "--artifact"})
  void aModuleThatIsALayerRunsInAPod(String form) throws IOException, InterruptedException {
    assumeTrue(images.unpacksWithoutRoot(), "this containerd makes no container of it");
    String name = "localhost/built" + form.replace("--", ":");
    images.load("counter", name, form);
    Pod pod = pods.kubelet().run("artifact" + form, "krustlet");
    ContainerConfig.Builder wanted =
        Pod.container("wasm", name, "/counter.wasm", "--interval", "0", "--count", "3");

    PodContainer wasm = pod.start(wanted);

    assertThat(wasm.awaitExit(TestPods.SOON).getExitCode()).isZero();
    assertThat(wasm.awaitLog(TestPods.SOON, log -> log.out().lines().count() == 3).out())
        .isEqualTo("1\n2\n3\n");
    pod.remove();
  }
}
