package dev.krustlet.bench;

import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.Bed;
import dev.krustlet.testbed.Finished;
import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.PrivateContainerd;
import dev.krustlet.testbed.ProcessMemory;
import dev.krustlet.testbed.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A private containerd with an image, and one network that all containers join: the runtimes are
/// compared as in a pod, whose network is there before its containers.
record Node(PrivateContainerd containerd, Network network) implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(20);

  static Node start(Installation installation) throws IOException, InterruptedException {
    var containerd = PrivateContainerd.start(installation, Map.of());
    try {
      // The daemon is not to leave between two measurements.
      Files.writeString(
          containerd.bed().path().resolve("krustlet.toml"),
          """
          idle_timeout = "1h"
          cache_dir = "%1$s/cache"
          log_dir = "%1$s/log"
          """
              .formatted(containerd.bed().path()));
      var node = new Node(containerd, Network.make(containerd.bed().name()));
      node.load(Image.archive(installation));
      return node;
    } catch (IOException | InterruptedException e) {
      containerd.close();
      throw e;
    }
  }

  private void load(byte[] image) throws IOException, InterruptedException {
    Path archive = bed().path().resolve("image.tar");
    Files.write(archive, image);
    ctr("images", "import", archive.toString());
    Files.delete(archive);
  }

  Bed bed() {
    return containerd.bed();
  }

  /// Runs ctr, which has to succeed.
  void ctr(String... arguments) throws IOException, InterruptedException {
    Finished done = containerd.ctr(arguments);
    if (done.status() != 0) {
      throw new IOException(
          "`ctr %s` ended with %d: %s"
              .formatted(String.join(" ", arguments), done.status(), done.err()));
    }
  }

  /// Runs a container with `ctr run`.
  ///
  /// @param flag `--rm` or `--detach`
  void run(String flag, Way way, List<String> command, String id)
      throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("run", flag, "--runtime", way.runtime()));
    words.addAll(List.of("--fifo-dir", bed().fifos().toString()));
    words.addAll(List.of("--with-ns", "network:" + network.path()));
    words.addAll(List.of(Image.NAME, id));
    words.addAll(command);
    ctr(words.toArray(String[]::new));
  }

  /// Ends and removes containers that run detached.
  void delete(List<String> ids) throws IOException, InterruptedException {
    for (String id : ids) {
      ctr("tasks", "delete", "--force", id);
      ctr("containers", "delete", id);
    }
    bed().removeFifos();
  }

  /// Where containerd has the bundle of a container that runs detached.
  Path bundle(String id) {
    return bed().path().resolve("s/io.containerd.runtime.v2.task", containerd.namespace(), id);
  }

  /// Ends the daemon as a reboot would, so that the next start is the first one.
  void endDaemon() throws IOException, InterruptedException {
    for (long pid : bed().processes(Programs.DAEMON)) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
    Await.until("the daemon's end", SOON, () -> containerd.others().isEmpty());
  }

  /// The proportional set size of all that runs here except containerd itself: daemon, engine,
  /// shims, and what native containers run.
  ///
  /// @return bytes
  long memory() throws IOException {
    long sum = 0;
    for (long pid : containerd.others()) {
      sum += ProcessMemory.pss(pid);
    }
    return sum;
  }

  /// How many processes that is.
  int processes() throws IOException {
    Set<Long> found = containerd.others();
    return found.size();
  }

  @Override
  public void close() throws IOException {
    try (containerd) {
      network.close();
    }
  }
}
