package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A package manager puts another Java in the place of the one that the daemon runs on. No
/// containerd has a part in it.
final class JavaUpdateIT {
  @TempDir
  @SuppressWarnings("NullAway.Init") // by JUnit
  private Path directory;

  /// The Java of this test in a place of its own, without its sources and headers.
  private Path copyOfJava() throws IOException {
    Path from = Path.of(System.getProperty("java.home")).toRealPath();
    Path to = Files.createDirectory(directory.resolve("java"));
    for (String part : List.of("bin", "conf", "lib", "release")) {
      try (Stream<Path> files = Files.walk(from.resolve(part))) {
        for (Path each : files.toList()) {
          copy(each, to.resolve(from.relativize(each)));
        }
      }
    }
    return to;
  }

  private static void copy(Path from, Path to) throws IOException {
    if (Files.isDirectory(from)) {
      Files.createDirectories(to);
      return;
    }
    try {
      Files.createLink(to, from);
    } catch (FileSystemException _) { // of another file system
      Files.copy(from, to, LinkOption.NOFOLLOW_LINKS);
    }
  }

  /// The new file has the old name and not its place, so that what is mapped stays.
  private static void replace(Path file, String text) throws IOException {
    Files.delete(file);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void theDaemonGoesOnWithTheJavaItHas() throws IOException, InterruptedException {
    Path java = copyOfJava();
    var environment = Map.of("KRUSTLET_JAVA", java.resolve("bin/java").toString());
    try (var pods = TestPods.start(Installation.ofBuild().getFirst(), environment)) {
      Pod before = pods.kubelet().run("before", "krustlet");
      before.start("wasm", Guests.IMAGE, "/loop.wat");

      replace(java.resolve("lib/jspawnhelper"), "#!/bin/sh\nexit 1\n");
      replace(java.resolve("lib/modules"), "of another Java\n");

      Pod after = pods.kubelet().run("after", "krustlet"); // a sandbox, by runc
      assertRuns(after, "compiled", "/hello.wasm", "hello from wasm");
      assertRuns(before, "native", "/bin/true", "");
      pods.kill(Programs.ENGINE);
      assertRuns(after, "again", "/hello.wasm", "hello from wasm");
      pods.kubelet().removePods();
      pods.assertNoPodIsLeft();
    }
  }

  private static void assertRuns(Pod pod, String name, String program, String said)
      throws IOException, InterruptedException {
    PodContainer container = pod.start(name, Guests.IMAGE, program);
    assertThat(container.awaitExit(TestPods.SOON).getExitCode()).isZero();
    container.awaitLog(TestPods.SOON, log -> log.out().startsWith(said));
  }
}
