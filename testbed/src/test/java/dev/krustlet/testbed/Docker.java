package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A Docker daemon on a private containerd, both in a network of their own, with the guests' image.
record Docker(
    Bed bed, ApartNetwork network, PrivateContainerd containerd, Path programs, Command daemon)
    implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// @param programs where `dockerd` and `docker` are
  static Docker start(Installation installation, Path programs)
      throws IOException, InterruptedException {
    Bed bed = Bed.make();
    ApartNetwork network = ApartNetwork.make(bed, installation);
    PrivateContainerd containerd;
    try {
      containerd = PrivateContainerd.start(bed, network.apart(installation), Map.of());
    } catch (IOException | InterruptedException e) {
      network.close();
      throw e;
    }
    var docker =
        new Docker(bed, network, containerd, programs, daemon(bed, network, containerd, programs));
    try {
      docker.load(installation);
      return docker;
    } catch (IOException | InterruptedException | AssertionError e) {
      docker.close();
      throw e;
    }
  }

  private static Command daemon(
      Bed bed, ApartNetwork network, PrivateContainerd containerd, Path programs)
      throws IOException {
    Path path = bed.path();
    var words = new ArrayList<>(List.of("setsid", programs.resolve("dockerd").toString()));
    words.addAll(List.of("--host", host(bed), "--containerd", containerd.socket().toString()));
    words.addAll(List.of("--containerd-namespace", containerd.namespace()));
    words.addAll(List.of("--containerd-plugins-namespace", containerd.namespace() + "p"));
    words.addAll(List.of("--data-root", path.resolve("dd").toString()));
    words.addAll(List.of("--exec-root", path.resolve("de").toString()));
    words.addAll(List.of("--pidfile", path.resolve("docker.pid").toString()));
    words.addAll(List.of("--config-file", path.resolve("docker.json").toString()));
    words.addAll(List.of("--storage-driver", "vfs", "--cgroup-parent", "/" + bed.name()));
    words.addAll(List.of("--exec-opt", "native.cgroupdriver=cgroupfs"));
    words.addAll(List.of("--userland-proxy-path", programs.resolve("docker-proxy").toString()));
    Files.writeString(path.resolve("docker.json"), "{}");
    Path plugins = Files.createDirectories(path.resolve(".docker/cli-plugins"));
    Files.createSymbolicLink(plugins.resolve("docker-compose"), programs.resolve("docker-compose"));
    return Command.start(network.inside(words), environment(bed, programs), bed.outputs());
  }

  private static String host(Bed bed) {
    return "unix://" + bed.path().resolve("docker.sock");
  }

  private static Map<String, String> environment(Bed bed, Path programs) {
    var environment = new HashMap<String, String>();
    environment.put("PATH", programs + ":" + PrivateContainerd.PATH);
    environment.put("HOME", bed.path().toString());
    return environment;
  }

  private void load(Installation installation) throws IOException, InterruptedException {
    Await.until(
        "Docker's answer, see " + bed.outputs(), PATIENCE, () -> command("version").status() == 0);
    Path archive = bed.path().resolve("guests.tar");
    Files.write(archive, Guests.image(installation).build());
    succeed("load", "--input", archive.toString());
  }

  /// Runs the command of Docker to its end.
  Finished command(String... arguments) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of(programs.resolve("docker").toString()));
    words.addAll(List.of("--host", host(bed)));
    words.addAll(Arrays.asList(arguments));
    try (Command command =
        Command.start(network.inside(words), environment(bed, programs), bed.outputs())) {
      return command.await(PATIENCE);
    }
  }

  /// The same, which has to succeed.
  String succeed(String... arguments) throws IOException, InterruptedException {
    Finished done = command(arguments);
    assertThat(done.status()).as("%s: %s", Arrays.toString(arguments), done.err()).isZero();
    return done.out().strip();
  }

  @Override
  public void close() throws IOException {
    try (network;
        containerd) {
      daemon.process().destroy();
      daemon.await(PATIENCE);
      containerd.awaitIdle();
      // What Docker keeps for itself stays until the bed goes.
      assertThat(bed.traces())
          .allSatisfy(each -> assertThat(each).containsPattern(bed.path() + "/d[de]/"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while Docker left", e);
    }
  }
}
