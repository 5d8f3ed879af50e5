package dev.krustlet.testbed.pods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.cri.v1.Container;
import dev.krustlet.proto.cri.v1.ContainerState;
import dev.krustlet.proto.cri.v1.ListContainersRequest;
import dev.krustlet.proto.cri.v1.ListPodSandboxRequest;
import dev.krustlet.proto.cri.v1.PodSandbox;
import dev.krustlet.proto.cri.v1.PodSandboxState;
import dev.krustlet.proto.cri.v1.RemovePodSandboxRequest;
import dev.krustlet.proto.cri.v1.StopPodSandboxRequest;
import dev.krustlet.testbed.Programs;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.cri.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// What the boot after [BeforeReboot] finds, as a kubelet asks for it.
@TestMethodOrder(OrderAnnotation.class)
final class AfterReboot {
  @SuppressWarnings("NullAway.Init") // before each test
  private SystemNode node;

  @BeforeEach
  void open() throws IOException, InterruptedException {
    node = SystemNode.open();
  }

  @AfterEach
  void close() {
    node.close();
  }

  private List<PodSandbox> pods() throws CriException {
    return node.cri()
        .call(CriCalls.LIST_POD_SANDBOX, ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  private List<Container> containers() throws CriException {
    return node.cri()
        .call(CriCalls.LIST_CONTAINERS, ListContainersRequest.getDefaultInstance())
        .getContainersList();
  }

  @Test
  @Order(1)
  void whatRanIsToldAsEndedAndNothingOfItIsThere() throws IOException, InterruptedException {
    assertThat(pods())
        .extracting(PodSandbox::getState)
        .containsExactly(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(containers())
        .extracting(Container::getState)
        .containsExactly(ContainerState.CONTAINER_EXITED, ContainerState.CONTAINER_EXITED);
    assertThat(node.ctr("tasks", "list", "--quiet")).isEmpty();
    assertNothingRuns();
  }

  private static void assertNothingRuns() throws IOException {
    assertThat(Path.of("/run/krustlet")).doesNotExist();
    assertThat(Path.of("/sys/fs/cgroup" + SystemNode.CGROUP)).doesNotExist();
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain("/rootfs ");
    assertThat(ProcessHandle.allProcesses())
        .extracting(process -> process.info().commandLine().orElse(""))
        .noneMatch(line -> line.contains(Programs.ENGINE) || line.contains(Programs.DAEMON));
  }

  @Test
  @Order(2)
  void whatRanCanBeRemoved() throws IOException, InterruptedException {
    for (PodSandbox pod : pods()) {
      node.cri()
          .call(
              CriCalls.STOP_POD_SANDBOX,
              StopPodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
      node.cri()
          .call(
              CriCalls.REMOVE_POD_SANDBOX,
              RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
    }
    node.ctr("containers", "delete", "wasm", "native");
    assertThat(pods()).isEmpty();
    assertThat(containers()).isEmpty();
    assertThat(Path.of("/var/lib/cni/networks/pods")).isDirectoryNotContaining("glob:**10.*");
  }

  @Test
  @Order(3)
  void theSamePodRunsAgain() throws IOException, InterruptedException {
    Pod pod = node.run("rebooted");
    for (PodContainer each : SystemNode.startBothKinds(pod)) {
      each.awaitLog(SystemNode.SOON, log -> !log.lines().isEmpty());
      each.stop(20);
      assertThat(each.status().getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    }
    pod.stop();
    pod.remove();
    assertThat(scopes()).isEmpty();
  }

  /// What systemd has of containers; it removes the slice itself when it finds the time.
  private static List<Path> scopes() throws IOException {
    var slice = Path.of("/sys/fs/cgroup" + SystemNode.CGROUP);
    try (var found = Files.list(slice)) {
      return found.filter(Files::isDirectory).toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }
}
