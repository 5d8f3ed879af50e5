package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Programs of the node that end, under pods that run.
final class RestartCases {
  private static final String STATUSES = ".status.containerStatuses";

  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  /// A pod of both kinds, each of which says a line a second.
  @BeforeEach
  void runAPod() throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                """
                initContainers:
                %scontainers:
                %s%s
                """
                    .formatted(
                        Manifests.container("beside", Kind.NATIVE.idle(), "restartPolicy: Always"),
                        Manifests.container("wasm", Kind.WASM.idle(), ""),
                        Manifests.container("native", Kind.NATIVE.idle(), ""))));
    own.kubectl().awaitReady("app");
  }

  private String of(String container, String field) throws IOException, InterruptedException {
    String statuses = container.equals("beside") ? ".status.initContainerStatuses" : STATUSES;
    return own.kubectl()
        .field("pod/app", statuses + "[?(@.name==\"%s\")].".formatted(container) + field);
  }

  private int lines(String container) throws IOException, InterruptedException {
    return (int) own.kubectl().call("logs", "app", "-c", container).lines().count();
  }

  private void awaitLines(String container, int count) throws IOException, InterruptedException {
    own.kubectl().until("a line of " + container, () -> lines(container) > count);
  }

  @ParameterizedTest
  @ValueSource(strings = {"containerd", "kubelet"})
  void podsGoOnWhileAProgramOfTheNodeIsRestarted(String program)
      throws IOException, InterruptedException {
    String ids = own.kubectl().field("pod/app", STATUSES + "[*].containerID");
    int before = lines("wasm");

    own.node().restart(program);

    // the API server goes on calling the node ready
    own.kubectl()
        .until("the kubelet", () -> own.kubectl().ask("logs", "app", "-c", "wasm").status() == 0);
    awaitLines("wasm", before + 5);
    awaitLines("native", lines("native"));
    assertThat(own.kubectl().exec("app", "wasm", List.of("/hello.wasm"))).startsWith("hello from");
    assertThat(own.kubectl().exec("app", "native", List.of("/bin/busybox", "echo", "hi")))
        .isEqualTo("hi\n");
    own.kubectl().awaitReady("app");
    assertThat(own.kubectl().field("pod/app", STATUSES + "[*].containerID")).isEqualTo(ids);
    assertThat(own.kubectl().field("pod/app", STATUSES + "[*].restartCount")).isEqualTo("0 0");
    // none is missing: the counter has said every number once
    var said = own.kubectl().call("logs", "app", "-c", "wasm").lines().toList();
    assertThat(said).last().isEqualTo(Integer.toString(said.size()));
  }

  @Test
  void wasmContainersRestartInPlaceWhenTheEngineDies() throws IOException, InterruptedException {
    String address = own.kubectl().field("pod/app", ".status.podIP");
    String id = of("native", "containerID");
    String beside = of("beside", "containerID");

    kill(Programs.ENGINE);

    own.kubectl().until("a restart", () -> of("wasm", "restartCount").equals("1"));
    own.kubectl().awaitReady("app");
    assertThat(of("wasm", "lastState.terminated.exitCode")).isEqualTo("137");
    assertThat(Files.readString(own.node().path().resolve("log/krustlet-k8s.io.0.log")))
        .contains(" is lost: ");
    assertThat(own.kubectl().field("pod/app", ".status.podIP")).isEqualTo(address);
    assertThat(of("native", "containerID")).isEqualTo(id);
    assertThat(of("beside", "containerID")).isEqualTo(beside);
    awaitLines("native", lines("native"));
    awaitLines("wasm", 1);
  }

  /// Containerd has all of it deleted then, and the kubelet makes it anew.
  @Test
  void podsAreMadeAnewWhenTheDaemonDies() throws IOException, InterruptedException {
    kill(Programs.DAEMON);

    for (String each : new String[] {"wasm", "native", "beside"}) {
      own.kubectl().until("a restart of " + each, () -> of(each, "restartCount").equals("1"));
    }
    own.kubectl().awaitReady("app");
    awaitLines("wasm", 1);
    awaitLines("native", 1);
    assertThat(own.kubectl().field("pod/app", ".status.phase")).isEqualTo("Running");
  }

  private void kill(String program) throws IOException {
    var pids = own.node().processes(program);
    assertThat(pids).as(program).isNotEmpty();
    pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }
}
