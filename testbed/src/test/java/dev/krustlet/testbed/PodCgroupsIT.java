package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.krustlet.proto.cri.v1.PodSandboxConfig;
import dev.krustlet.proto.cri.v1.UpdateContainerResourcesRequest;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.cri.CriException;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Where the kernel has the containers of a pod, in either version of its cgroups and with either
/// driver.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class PodCgroupsIT {
  private static final long MEBIBYTE = 1 << 20;

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  PodCgroupsIT(Installation installation) {
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

  @Test
  void theKernelKeepsTheLimitsOfAnOrdinaryContainer() throws IOException {
    Pod pod = pods.kubelet().run("limited", "krustlet");
    var config = Pod.container("native", Guests.IMAGE, "/bin/sh", "-c", "while :; do :; done");
    config.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(32 * MEBIBYTE);
    PodContainer limited = pod.start(config);
    assertThat(limits(limited)).containsExactly(32 * MEBIBYTE);

    var request = UpdateContainerResourcesRequest.newBuilder().setContainerId(limited.id());
    request.getLinuxBuilder().setMemoryLimitInBytes(64 * MEBIBYTE);
    pods.kubelet().cri().call(CriCalls.UPDATE_CONTAINER_RESOURCES, request.build());
    assertThat(limits(limited)).containsExactly(64 * MEBIBYTE);
  }

  @Test
  void theGroupIsNamedAsTheDriverNamesIt() throws IOException {
    Pod pod = pods.kubelet().run("named", "krustlet");
    PodContainer shell = pod.start("native", Guests.IMAGE, "/bin/sh", "-c", "while :; do :; done");
    String name =
        switch (CgroupDriver.ofBuild()) {
          case CGROUPFS -> shell.id();
          case SYSTEMD -> "cri-containerd-%s.scope".formatted(shell.id());
        };
    assertThat(groups(shell))
        .isNotEmpty()
        .allSatisfy(group -> assertThat(group).endsWithRaw(Path.of(name)));
    assertThat(groups(shell))
        .anySatisfy(group -> assertThat(group.toString()).contains(pods.bed().cgroupParent()));
  }

  /// A kubelet kills every process that it finds in a pod's groups, and the engine is everybody's.
  @Test
  void aWasmContainerHasNone() throws IOException {
    Pod pod = pods.kubelet().run("none", "krustlet");
    assertThat(groups(pod.start("wasm", Guests.IMAGE, "/loop.wat"))).isEmpty();
  }

  /// As on a node whose kubelet has systemd's driver and whose runtime was not told so.
  @Test
  void aPodOfSystemdsDriverIsRefusedByARuntimeWithoutIt() {
    assumeThat(CgroupDriver.ofBuild()).isEqualTo(CgroupDriver.CGROUPFS);
    var config = PodSandboxConfig.newBuilder();
    config.getLinuxBuilder().setCgroupParent("/kubepods-besteffort.slice");

    assertThatThrownBy(() -> pods.kubelet().run("systemds", "krustlet", config))
        .isInstanceOf(CriException.class)
        .hasMessageContainingAll("kubepods-besteffort.slice:", "`SystemdCgroup = true`");
  }

  private static List<Long> limits(PodContainer container) throws IOException {
    List<Path> files =
        groups(container).stream()
            .flatMap(group ->
                Stream.of(group.resolve("memory.max"), group.resolve("memory.limit_in_bytes")))
            .filter(Files::exists)
            .toList();
    var limits = new ArrayList<Long>();
    for (Path file : files) {
      limits.add(Long.valueOf(Files.readString(file).strip()));
    }
    return limits;
  }

  private static List<Path> groups(PodContainer container) throws IOException {
    return pods.bed().cgroups().stream()
        .filter(group -> group.getFileName().toString().contains(container.id()))
        .toList();
  }
}
