package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.proto.cri.v1.Mount;
import dev.krustlet.proto.cri.v1.RuntimeHandler;
import dev.krustlet.proto.cri.v1.RuntimeHandlerFeatures;
import dev.krustlet.proto.cri.v1.StatusRequest;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.pods.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a kubelet is told that pods of the handler can have, and that containers of both kinds have
/// it. Containerd asks a shim that is not runc's for its features since 2.2.7, 2.3.4 and 2.4.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class FeaturesIT {
  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  private final Installation installation;

  FeaturesIT(Installation installation) {
    this.installation = installation;
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

  /// What the kubelet reads of the handler; without features, nothing.
  private static Optional<RuntimeHandlerFeatures> told() throws IOException {
    return pods
        .kubelet()
        .cri()
        .call(CriCalls.STATUS, StatusRequest.getDefaultInstance())
        .getRuntimeHandlersList()
        .stream()
        .filter(handler -> handler.getName().equals("krustlet") && handler.hasFeatures())
        .map(RuntimeHandler::getFeatures)
        .findFirst();
  }

  @Test
  void aKubeletIsToldWhatBothKindsHave() throws IOException {
    assertThat(told().isPresent()).isEqualTo(installation.asksForFeatures());
    assertThat(told().stream())
        .allSatisfy(features -> {
          assertThat(features.getRecursiveReadOnlyMounts()).isTrue();
          assertThat(features.getUserNamespaces()).isFalse();
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/files.wasm /text.txt /data/below/copy",
        "/bin/busybox cp /text.txt /data/below/copy"
      })
  void aRecursiveReadOnlyMountIsOneForBothKinds(String command)
      throws IOException, InterruptedException {
    assumeTrue(installation.asksForFeatures(), "this containerd refuses such mounts by itself");
    Path volume = pods.volume("deep");
    Path below = Files.createDirectories(volume.resolve("below"));
    mount("mount", "-t", "tmpfs", "none", below.toString());
    try {
      Pod pod = pods.kubelet().run("deep", "krustlet");
      assertThat(statusOf(pod, command, TestPods.mount(volume, "/data", false))).isZero();
      Files.delete(below.resolve("copy"));
      Mount deep =
          TestPods.mount(volume, "/data", true).toBuilder().setRecursiveReadOnly(true).build();
      assertThat(statusOf(pod, command, deep)).isNotZero();
      assertThat(below.resolve("copy")).doesNotExist();
    } finally {
      mount("umount", "-l", below.toString());
    }
  }

  private static int statusOf(Pod pod, String command, Mount mount)
      throws IOException, InterruptedException {
    var container =
        pod.start(Pod.container("copy", Guests.IMAGE, command.split(" ")).addMounts(mount));
    int status = container.awaitExit(TestPods.SOON).getExitCode();
    container.remove();
    return status;
  }

  private static void mount(String... words) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder(List.of(words)).inheritIO().start().waitFor()).isZero();
  }
}
