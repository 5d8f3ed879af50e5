package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.shim.engine.CheckpointRequest;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is done to a real container as a whole.
@Timeout(60)
class RuncCallsTest {
  private static final String BUSY = "while :; do :; done";

  @TempDir private Path directory;
  private NativeNode node;

  @BeforeEach
  void prepare() throws IOException {
    node = NativeNode.in(directory);
  }

  @AfterEach
  void stop() throws IOException {
    if (node != null) {
      node.close();
    }
  }

  private static Document<dev.krustlet.shim.oci.Resources> resources(String json)
      throws SpecException {
    return new Document<>(Bundle.parseResources(json), json);
  }

  private static long cpu(Container container) throws TaskException, InterruptedException {
    return container.stats().cpu().totalNanos();
  }

  @Test
  void aPausedContainerUsesNoTimeUntilItIsResumed()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.run(BUSY, Stdio.NONE);

    container.pause();
    long frozen = cpu(container);
    container.update(resources("{\"memory\":{\"limit\":67108864}}")); // takes its time
    assertThat(cpu(container)).isEqualTo(frozen);
    container.resume();

    while (cpu(container) == frozen) {
      Thread.onSpinWait();
    }
    container.kill(9, false);
    assertThat(NativeNode.status(container)).isEqualTo(137);
    container.delete();
  }

  @Test
  void aPausedContainerIsKilledBySigkillAndByOtherSignalsWhenResumed()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var killed = node.run(BUSY, Stdio.NONE);
    killed.pause();
    killed.kill(9, false);
    assertThat(NativeNode.status(killed)).isEqualTo(137);
    killed.delete();

    var out = node.listen("out");
    var ended =
        node.run("trap 'exit 4' TERM; echo ready; " + BUSY, new Stdio("", out.target(), "", false));
    assertThat(out.begun().line()).isEqualTo("ready");
    ended.pause();
    ended.kill(15, false);
    assertThat(ended.exited()).isNotDone();
    ended.resume();
    assertThat(NativeNode.status(ended)).isEqualTo(4);
    ended.delete();
  }

  @Test
  void allProcessesAreKilledAtOnce()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.run("sleep 1000 & sleep 1000 & wait; exit 0", Stdio.NONE);

    container.kill(9, true);

    assertThat(NativeNode.status(container)).isEqualTo(137);
    assertThatThrownBy(() -> container.kill(9, true))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
    container.delete();
  }

  @Test
  void anUpdateChangesTheLimitsOfARunningContainer()
      throws IOException, SpecException, TaskException, InterruptedException {
    var container = node.resources("\"memory\":{\"limit\":33554432}").run(BUSY, Stdio.NONE);
    assertThat(container.stats().memory().limit()).isEqualTo(32 << 20);

    container.update(
        resources("{\"memory\":{\"limit\":67108864},\"pids\":{\"limit\":77},\"x\":1}"));

    assertThat(container.stats().memory().limit()).isEqualTo(64 << 20);
    assertThat(container.stats().pids().limit()).isEqualTo(77);
    assertThatThrownBy(() -> container.update(resources("{\"memory\":{\"limit\":4096}}")))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("runc update");
    container.delete();
  }

  @Test
  void figuresOutliveTheCgroupUntilTheContainerIsDeleted()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.run("exit 0", Stdio.NONE);
    assertThat(NativeNode.status(container)).isZero();
    long used = cpu(container);
    removeCgroup();

    assertThat(cpu(container)).isPositive().isEqualTo(used);
    container.delete();
    assertThatThrownBy(container::stats)
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
  }

  /// As systemd does with one that is empty.
  private void removeCgroup() throws IOException, SpecException {
    String path = Bundle.load(node.bundle()).linux().cgroupsPath().substring(1);
    try (var hierarchies = Files.list(Cgroup.MOUNT)) {
      for (Path hierarchy : hierarchies.toList()) {
        Files.deleteIfExists(hierarchy.resolve(path));
      }
    }
    Files.deleteIfExists(Cgroup.MOUNT.resolve(path));
  }

  @Test
  void aCheckpointIsRuncsWithAllThatWasAskedFor()
      throws IOException, SpecException, TaskException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/criu")), "criu is not installed");
    Path calls = directory.resolve("calls");
    Path wrapper = directory.resolve("runtime");
    Files.writeString(
        wrapper,
        """
        #!/bin/sh
        case "$*" in *" checkpoint "*) echo "$*" >%s; exit 0;; esac
        exec runc "$@"
        """
            .formatted(calls));
    Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwx------"));
    var container = node.runtime(wrapper).run(BUSY, Stdio.NONE);
    var request =
        new CheckpointRequest(
            Path.of("/images"), "/work", false, true, true, true, true, List.of("network"), "soft");

    container.checkpoint(request);

    assertThat(calls)
        .content()
        .contains(
            "checkpoint --image-path /images --work-path /work --leave-running --tcp-established"
                + " --ext-unix-sk --shell-job --file-locks --empty-ns network"
                + " --manage-cgroups-mode soft krustlet-test-");
    container.delete();
  }

  @Test
  void theOptionsOfRuncsShimAreHonoured()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    Path calls = directory.resolve("calls");
    Path wrapper = directory.resolve("runtime");
    Files.writeString(wrapper, "#!/bin/sh\necho \"$*\" >>%s\nexec runc \"$@\"\n".formatted(calls));
    Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwx------"));
    var out = node.listen("out");

    var container =
        node.runtime(wrapper).unusual().run("exit 5", new Stdio("", out.target(), "", false));

    assertThat(NativeNode.status(container)).isEqualTo(5);
    assertThat(calls)
        .content()
        .containsPattern(" create --bundle \\S+ --no-pivot --no-new-keyring ");
    Path fifo = directory.resolve("out");
    // runc has made its container's user the owner since
    assertThat(Files.getAttribute(fifo, "unix:gid")).isEqualTo(NativeNode.OTHERS);
    container.delete();
  }

  @Test
  void withoutCriuACheckpointIsUnimplemented() {
    assertThatThrownBy(() -> Criu.check("no-such-criu", "/usr/bin"))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.UNIMPLEMENTED))
        .hasMessageContainingAll("criu", "/usr/bin");
  }

  @Test
  void aCgroupOfSystemdsIsRefusedWithoutItsDriver() {
    assertThatThrownBy(
            () -> node.group("kubepods-pod1.slice:cri-containerd:%s").run("exit 0", Stdio.NONE))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.FAILED_PRECONDITION))
        .hasMessageContainingAll(
            "kubepods-pod1.slice:cri-containerd:krustlet-test-",
            "`SystemdCgroup = true`",
            "containerd.runtimes.krustlet.options");
    assertThat(directory.resolve("b/runc")).doesNotExist();
  }

  /// By runc, whose sentence is passed on.
  @Test
  void aPathIsRefusedWithSystemdsDriver() {
    assertThatThrownBy(() -> node.systemd().group("/pod1/%s").run("exit 0", Stdio.NONE))
        .isInstanceOf(TaskException.class)
        .hasMessageContainingAll("runc create", "slice:prefix:name", "/pod1/krustlet-test-");
  }

  /// As a hierarchy may have any name.
  @Test
  void colonsInAPathAreNoSystemds()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.group("/a:b:%s").run("exit 3", Stdio.NONE);
    assertThat(NativeNode.status(container)).isEqualTo(3);
    container.delete();
  }

  @Test
  void hooksAreRuncsToRun()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    Path seen = directory.resolve("seen");
    var container =
        node.hooks(
                """
                {"prestart":[%1$s],"createRuntime":[%1$s],"poststart":[%1$s],"poststop":[%1$s]}
                """
                    .formatted(
                        "{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"echo ran >>%s\"]}"
                            .formatted(seen)))
            .run("exit 0", Stdio.NONE);
    assertThat(NativeNode.status(container)).isZero();
    container.delete();

    assertThat(seen).content().isEqualTo("ran\n".repeat(4));
  }
}
