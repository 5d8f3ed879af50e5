package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.cri.v1.Mount;
import dev.krustlet.testbed.pods.Kubelet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A kubelet in small that has the guests' image, and what tests do with it.
record TestPods(Kubelet kubelet) implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(60);

  static TestPods start(Installation installation) throws IOException, InterruptedException {
    return start(installation, Map.of());
  }

  /// @param extra variables of containerd's environment
  static TestPods start(Installation installation, Map<String, String> extra)
      throws IOException, InterruptedException {
    var pods = new TestPods(Kubelet.start(installation, extra));
    try {
      pods.kubelet.load(Guests.image(installation));
    } catch (IOException | InterruptedException e) {
      pods.kubelet.close();
      throw e;
    }
    return pods;
  }

  /// Adds to the node's configuration. The daemon must not have run yet, for it reads it once.
  void configure(String toml) throws IOException {
    Files.writeString(bed().path().resolve("krustlet.toml"), toml, StandardOpenOption.APPEND);
  }

  Bed bed() {
    return kubelet.bed();
  }

  /// A directory of the node for a volume, which everybody may write to.
  Path volume(String name) throws IOException {
    Path volume = Files.createDirectories(bed().path().resolve("volumes").resolve(name));
    return Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  static Mount mount(Path volume, String place, boolean readonly) {
    return Mount.newBuilder()
        .setHostPath(volume.toString())
        .setContainerPath(place)
        .setReadonly(readonly)
        .build();
  }

  String daemonsLog() throws IOException {
    return Files.readString(bed().path().resolve("log/krustlet-k8s.io.0.log"));
  }

  /// Ends a process of the bed without a chance to say goodbye.
  ///
  /// @param program a word of its command line that no other has
  void kill(String program) throws IOException {
    var pids = bed().processes(program);
    assertThat(pids).as(program).hasSize(1);
    pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }

  /// Does all of them at the same time, each on a thread of its own.
  static <T> List<T> atOnce(List<Callable<T>> actions)
      throws InterruptedException, ExecutionException, TimeoutException {
    var threads = Thread.ofPlatform().name("kubelet-", 0).factory();
    try (var executor = Executors.newThreadPerTaskExecutor(threads)) {
      List<Future<T>> futures = actions.stream().map(executor::submit).toList();
      for (Future<T> future : futures) {
        future.get(Await.patiently(SOON).toSeconds(), TimeUnit.SECONDS);
      }
      return futures.stream().map(Future::resultNow).toList();
    }
  }

  void assertNoPodIsLeft() throws IOException {
    assertThat(kubelet.pods()).isEmpty();
    assertThat(kubelet.traces()).isEmpty();
  }

  /// Waits for the daemon to leave, and asserts that nothing of it is left either.
  @Override
  public void close() throws IOException {
    try (kubelet) {
      kubelet.removePods();
      kubelet.containerd().awaitIdle();
      assertThat(kubelet.traces()).isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the daemon left", e);
    }
  }
}
