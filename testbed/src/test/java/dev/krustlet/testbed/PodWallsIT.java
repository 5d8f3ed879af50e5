package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.Int64Value;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a guest may not do to files, tried by one that reads the first line of a file and appends
/// it to another.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class PodWallsIT {
  private static final int READ_AND_WRITTEN = 0;
  private static final int CANNOT_READ = 66;
  private static final int CANNOT_WRITE = 73;
  private static final long NOBODYS = 1000;

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestPods pods;

  private Path volume;
  private Pod pod;

  PodWallsIT(Installation installation) {
    assertThat(pods.kubelet().containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    pods = TestPods.start(installation);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    pods.close();
  }

  @BeforeEach
  void run() throws IOException {
    volume = pods.volume("walls");
    write("open", "for all", "rw-r--r--");
    write("secret", "for root", "rw-------");
    pod = pods.kubelet().run("walls", "krustlet");
  }

  @AfterEach
  void remove() throws IOException {
    pod.stop();
    pod.remove();
    pods.assertNoPodIsLeft();
  }

  private void write(String name, String text, String mode) throws IOException {
    Path file = Files.writeString(volume.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  void aUserReadsNoFileOfRootAloneAndOwnsWhatItMakes() throws IOException, InterruptedException {
    assertThat(copy(NOBODYS, "/volume/open", "/volume/of-user")).isEqualTo(READ_AND_WRITTEN);
    assertThat(Files.getAttribute(volume.resolve("of-user"), "unix:uid")).isEqualTo((int) NOBODYS);
    assertThat(copy(NOBODYS, "/volume/secret", "/tmp/copy")).isEqualTo(CANNOT_READ);
    assertThat(copy(NOBODYS, "/secret", "/tmp/copy")).isEqualTo(CANNOT_READ);
    assertThat(copy(NOBODYS, "/volume/open", "/volume/secret")).isEqualTo(CANNOT_WRITE);
    assertThat(copy(NOBODYS, "/volume/open", "/made-by-user")).isEqualTo(CANNOT_WRITE);
    assertThat(volume.resolve("secret")).hasContent("for root");
  }

  @Test
  void rootOfAContainerReadsAndOwnsAsInAnyContainer() throws IOException, InterruptedException {
    assertThat(copy(0, "/secret", "/volume/of-root")).isEqualTo(READ_AND_WRITTEN);
    assertThat(volume.resolve("of-root")).hasContent("for root");
    assertThat(Files.getAttribute(volume.resolve("of-root"), "unix:uid")).isEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/proc/version",
        "/proc/self/environ",
        "/sys/kernel/mm/transparent_hugepage/enabled"
      })
  void nothingOfTheKernelIsThere(String file) throws IOException, InterruptedException {
    assertThat(Path.of(file)).exists();
    assertThat(copy(0, file, "/tmp/copy")).isEqualTo(CANNOT_READ);
  }

  @Test
  void noLinkAndNoPathLeadsOutOfTheRoot() throws IOException, InterruptedException {
    String nodes = Files.writeString(pods.bed().path().resolve("of-node"), "the node's").toString();
    String up = "/..".repeat(12);
    link("absolute", nodes);
    link("relative", up.substring(1) + nodes);
    link("directory", "/");
    link("good", "open");
    assertThat(copy(0, "/volume/good", "/tmp/copy")).isEqualTo(READ_AND_WRITTEN);
    assertThat(copy(0, "/volume/absolute", "/tmp/copy")).isEqualTo(CANNOT_READ);
    assertThat(copy(0, "/volume/relative", "/tmp/copy")).isEqualTo(CANNOT_READ);
    assertThat(copy(0, "/volume/directory" + nodes, "/tmp/copy")).isEqualTo(CANNOT_READ);
    assertThat(copy(0, up + nodes, "/tmp/copy")).isEqualTo(CANNOT_READ);
    assertThat(copy(0, "/volume/open", "/volume/absolute")).isEqualTo(CANNOT_WRITE);
    assertThat(copy(0, "/volume/open", up + nodes)).isEqualTo(CANNOT_WRITE);
    assertThat(Path.of(nodes)).hasContent("the node's");
  }

  private void link(String name, String target) throws IOException {
    Files.deleteIfExists(volume.resolve(name));
    Files.createSymbolicLink(volume.resolve(name), Path.of(target));
  }

  private int copy(long user, String from, String to) throws IOException, InterruptedException {
    ContainerConfig.Builder container =
        Pod.container("copy", Guests.IMAGE, "/files.wasm", from, to)
            .addMounts(TestPods.mount(volume, "/volume", false));
    container
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .setRunAsUser(Int64Value.newBuilder().setValue(user));
    PodContainer started = pod.start(container);
    int status = started.awaitExit(TestPods.SOON).getExitCode();
    started.remove();
    return status;
  }
}
