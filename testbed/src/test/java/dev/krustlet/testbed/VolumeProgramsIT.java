package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.ExecSyncRequest;
import dev.krustlet.proto.cri.v1.ExecSyncResponse;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Pods whose programs an init container put on a volume, or a ConfigMap has, as Tekton, Argo and
/// the injectors of meshes live by.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class VolumeProgramsIT {
  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  VolumeProgramsIT(Installation installation) {
    assertThat(pods.kubelet().containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    pods = TestPods.start(installation);
  }

  @AfterEach
  void noPodIsLeft() throws IOException {
    pods.assertNoPodIsLeft();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    pods.close();
  }

  /// The volume as an init container leaves it.
  private static Path filled(Pod pod, String name) throws IOException, InterruptedException {
    Path volume = pods.volume(name);
    String fill =
        "b=/bin/busybox; $b cp $b /v/busybox; $b cp /hello.wasm /v/; $b ln -s /v/hello.wasm /v/link;"
            + "echo '#!/bin/sh' >/v/run.sh; echo 'echo ran' >>/v/run.sh; $b chmod 755 /v/run.sh";
    PodContainer init =
        pod.start(
            Pod.container("init", Guests.IMAGE, "/bin/sh", "-c", fill)
                .addMounts(TestPods.mount(volume, "/v", false)));
    assertThat(init.awaitExit(TestPods.SOON).getExitCode()).isZero();
    return volume;
  }

  private static String said(Pod pod, ContainerConfig.Builder container, String words)
      throws IOException, InterruptedException {
    PodContainer made = pod.start(container);
    int status = made.awaitExit(TestPods.SOON).getExitCode();
    return made.awaitLog(TestPods.SOON, log -> log.out().contains(words)).out() + status;
  }

  @Test
  void whatAnInitContainerLeftOnAVolumeRuns() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("volume", "krustlet");
    var mount = TestPods.mount(filled(pod, "programs"), "/v", false);

    assertThat(
            said(
                pod,
                Pod.container("a", Guests.IMAGE, "/v/busybox", "echo", "hi").addMounts(mount),
                "hi"))
        .isEqualTo("hi\n0");
    assertThat(
            said(
                pod,
                Pod.container("b", Guests.IMAGE, "/v/hello.wasm").addMounts(mount),
                "HOSTNAME"))
        .contains("HOSTNAME=volume");
    assertThat(
            said(
                pod,
                Pod.container("d", Guests.IMAGE, "./busybox", "echo", "here")
                    .setWorkingDir("/v")
                    .addMounts(mount),
                "here"))
        .isEqualTo("here\n0");
    assertThat(said(pod, Pod.container("s", Guests.IMAGE, "/v/run.sh").addMounts(mount), "ran"))
        .isEqualTo("ran\n0");
    assertThat(said(pod, Pod.container("l", Guests.IMAGE, "/v/link").addMounts(mount), "HOSTNAME"))
        .contains("HOSTNAME=volume");
    pod.stop();
    pod.remove();
  }

  @Test
  void aFileOfAConfigMapRunsAndHidesTheImages() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("hidden", "krustlet");
    Path volume = filled(pod, "config");
    var app = TestPods.mount(volume.resolve("hello.wasm"), "/app.wasm", true);
    var module = TestPods.mount(volume.resolve("hello.wasm"), "/counter.wasm", true);
    var script = TestPods.mount(volume.resolve("run.sh"), "/files.wasm", true);

    assertThat(said(pod, Pod.container("c", Guests.IMAGE, "/app.wasm").addMounts(app), "HOSTNAME"))
        .contains("HOSTNAME=hidden");
    assertThat(
            said(
                pod,
                Pod.container("e", Guests.IMAGE, "/counter.wasm").addMounts(module),
                "HOSTNAME"))
        .contains("HOSTNAME=hidden");
    assertThat(said(pod, Pod.container("k", Guests.IMAGE, "/files.wasm").addMounts(script), "ran"))
        .isEqualTo("ran\n0");
    pod.stop();
    pod.remove();
  }

  @Test
  void execRunsWhatLiesOnAVolume() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("exec", "krustlet");
    var mount = TestPods.mount(filled(pod, "execs"), "/v", false);
    PodContainer guest =
        pod.start(
            Pod.container("guest", Guests.IMAGE, "/counter.wasm", "--interval", "10")
                .addMounts(mount));
    PodContainer shell =
        pod.start(
            Pod.container("shell", Guests.IMAGE, "/v/busybox", "sh", "-c", "/v/busybox sleep 600")
                .addMounts(mount));

    assertThat(exec(guest, "/v/hello.wasm", "--exit", "5").getExitCode()).isEqualTo(5);
    assertThat(exec(shell, "/v/busybox", "echo", "in").getStdout().toStringUtf8())
        .isEqualTo("in\n");
    pod.stop();
    pod.remove();
  }

  private static ExecSyncResponse exec(PodContainer container, String... command)
      throws IOException {
    var request = ExecSyncRequest.newBuilder().setContainerId(container.id()).setTimeout(10);
    for (String word : command) {
      request.addCmd(word);
    }
    return pods.kubelet().cri().call(CriCalls.EXEC_SYNC, request.build());
  }

  @Test
  void aWorkingDirectoryIsMadeForBothKinds() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("cwd", "krustlet");
    Path volume = pods.volume("work");
    var mount = TestPods.mount(volume, "/v", false);
    String[][] commands = {
      {"/files.wasm", "/text.txt", "/v/wasm/deep/out"}, {"/bin/sh", "-c", "echo >out"},
    };
    for (String[] command : commands) {
      String name = command[0].equals("/bin/sh") ? "native" : "wasm";
      PodContainer made =
          pod.start(
              Pod.container(name, Guests.IMAGE, command)
                  .setWorkingDir("/v/" + name + "/deep")
                  .addMounts(mount));
      assertThat(made.awaitExit(TestPods.SOON).getExitCode()).as(name).isZero();
      assertThat(volume.resolve(name + "/deep/out")).exists();
    }
    assertThat(Files.getPosixFilePermissions(volume.resolve("wasm/deep")))
        .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
    pod.stop();
    pod.remove();
  }

  @Test
  void whatIsNowhereIsRefusedAsRuncDoesAndAModuleBySentence()
      throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("nowhere", "krustlet");

    assertThatThrownBy(() -> pod.start("program", Guests.IMAGE, "/v/missing"))
        .hasMessageContaining("/v/missing")
        .hasMessageContaining("no such file or directory");
    assertThatThrownBy(() -> pod.start("module", Guests.IMAGE, "/v/missing.wasm"))
        .hasMessageContaining("exec `/v/missing.wasm`: no such file in the root");
    pod.stop();
    pod.remove();
  }
}
