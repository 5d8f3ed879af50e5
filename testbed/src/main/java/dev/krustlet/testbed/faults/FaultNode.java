package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.Bed;
import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.PrivateContainerd;
import dev.krustlet.testbed.Programs;
import dev.krustlet.testbed.api.Containerd;
import dev.krustlet.testbed.api.Containers;
import dev.krustlet.testbed.api.DaemonCalls;
import dev.krustlet.testbed.api.Exchange;
import dev.krustlet.testbed.api.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// A private containerd with what faults need: small disks for the cache and the bundles, a clock
/// that can be put, and the files that containers run.
record FaultNode(
    PrivateContainerd service,
    Containerd connection,
    SmallDisk cache,
    SmallDisk bundles,
    WallClock clock,
    Optional<Path> keptLogs)
    implements AutoCloseable {
  private static final String ENGINE = "krustlet-engine serve";
  private static final Duration SOON = Duration.ofSeconds(30);

  static FaultNode start(Installation installation, Optional<Path> keptLogs)
      throws IOException, InterruptedException {
    Bed bed = Bed.make();
    var cache = SmallDisk.mount(bed.path().resolve("cache"));
    var bundles = SmallDisk.mount(bed.path().resolve("s"));
    WallClock clock = WallClock.make(bed.path());
    var service = PrivateContainerd.start(bed, installation, clock.environment());
    try {
      configure(bed);
      fillImage(installation, image(bed));
      Files.createDirectory(bed.path().resolve("logs"));
      var connection = Containerd.of(service.socket(), service.namespace());
      return new FaultNode(service, connection, cache, bundles, clock, keptLogs);
    } catch (IOException e) {
      service.close();
      throw e;
    }
  }

  /// The daemon is not to leave between two rounds.
  private static void configure(Bed bed) throws IOException {
    Files.writeString(
        bed.path().resolve("krustlet.toml"),
        """
        idle_timeout = "1h"
        cache_dir = "%1$s/cache/c"
        log_dir = "%1$s/log"
        """
            .formatted(bed.path()));
  }

  private static Path image(Bed bed) {
    return bed.path().resolve("image");
  }

  private static void fillImage(Installation installation, Path image) throws IOException {
    for (String each : List.of("bin", "dev", "proc", "tmp")) {
      Files.createDirectories(image.resolve(each));
    }
    for (String each : List.of("hello", "counter")) {
      Files.copy(installation.example(each), image.resolve(each + ".wasm"));
    }
    Path busybox = Files.copy(Path.of("/usr/bin/busybox"), image.resolve("bin/busybox"));
    Files.setPosixFilePermissions(busybox, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createSymbolicLink(image.resolve("bin/sh"), Path.of("busybox"));
  }

  Bed bed() {
    return service.bed();
  }

  /// The root of every container.
  Path image() {
    return image(bed());
  }

  /// For the fifos of containers' outputs.
  Path logs() {
    return bed().path().resolve("logs");
  }

  Tasks tasks() {
    return new Tasks(connection);
  }

  Containers containers() {
    return new Containers(connection, PrivateContainerd.RUNTIME);
  }

  Exchange exchange() {
    return new Exchange(connection);
  }

  /// The cgroup of a container, as its spec names it.
  String cgroup(String id) {
    return "/%s/%s".formatted(bed().name(), id);
  }

  OptionalLong daemon() throws IOException {
    return only(bed().processes(Programs.DAEMON));
  }

  OptionalLong engine() throws IOException {
    var engines = bed().processes(Programs.ENGINE);
    engines.removeIf(pid -> !commandLine(pid).contains(ENGINE));
    return only(engines);
  }

  private static OptionalLong only(Set<Long> pids) {
    return pids.stream().mapToLong(Long::longValue).findFirst();
  }

  /// The words of a process's command, a space between two; empty if it has ended.
  static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline")).replace('\0', ' ');
    } catch (IOException _) {
      return "";
    }
  }

  /// Ends a process without a chance to say goodbye, and waits until it is gone.
  static void kill(long pid) throws IOException, InterruptedException {
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    process.ifPresent(ProcessHandle::destroyForcibly);
    Await.until("the end of " + pid, SOON, () -> process.isEmpty() || !process.get().isAlive());
  }

  /// Calls the living daemon.
  DaemonCalls daemonCalls() throws IOException {
    try (Stream<Path> directories = Files.list(bed().daemons())) {
      long pid = daemon().orElseThrow(() -> new IOException("there is no daemon"));
      Path own =
          directories
              .filter(each -> each.getFileName().toString().startsWith(pid + "-"))
              .findFirst()
              .orElseThrow(() ->
                  new IOException(
                      "daemon %d (%s) has no directory".formatted(pid, commandLine(pid))));
      return DaemonCalls.connect(own.resolve("task.sock"), service.namespace());
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
    try (service) {
      if (keptLogs.isPresent()) {
        keep(Files.createDirectories(keptLogs.get()));
      }
    }
  }

  private void keep(Path directory) throws IOException {
    for (String each : List.of("log", "out")) {
      try (Stream<Path> files = Files.list(bed().path().resolve(each))) {
        for (Path file : files.toList()) {
          Files.copy(file, directory.resolve(bed().name() + "-" + file.getFileName()));
        }
      }
    }
  }
}
