package dev.krustlet.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A network namespace in which a containerd and its clients run, so that whatever they do to "the
/// host's" network, the node's is left alone.
///
/// @param name of the namespace
/// @param programs containerd's, each of which enters the namespace before it begins
public record ApartNetwork(Bed bed, String name, Path programs) implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  /// Makes one, with its loopback up.
  public static ApartNetwork make(Bed bed, Installation installation)
      throws IOException, InterruptedException {
    var network =
        new ApartNetwork(bed, bed.name(), Files.createDirectory(bed.path().resolve("programs")));
    succeed(bed, List.of("ip", "netns", "add", network.name));
    try {
      network.run("ip", "link", "set", "lo", "up");
      for (String program : List.of("containerd", "ctr")) {
        network.wrap(program, installation.containerd().resolve(program));
      }
      Path shim = installation.containerd().resolve("containerd-shim-runc-v2");
      if (Files.exists(shim)) {
        Files.createSymbolicLink(network.programs.resolve(shim.getFileName()), shim);
      }
      return network;
    } catch (IOException | InterruptedException e) {
      network.close();
      throw e;
    }
  }

  /// The installation whose containerd lives here.
  public Installation apart(Installation installation) {
    return new Installation(installation.root(), installation.krustlet(), programs);
  }

  /// The words that make a command one of this network. `ip netns exec` would hide the cgroups.
  public List<String> inside(List<String> command) {
    var words = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + name));
    words.addAll(command);
    return words;
  }

  /// Runs a command here, which has to succeed, and returns what it has printed.
  public String run(String... command) throws IOException, InterruptedException {
    return succeed(bed, inside(List.of(command)));
  }

  /// The names of its interfaces.
  public List<String> links() throws IOException, InterruptedException {
    return run("ip", "-o", "link")
        .lines()
        .map(line -> line.split(": ", 3)[1].replaceFirst("@.*", ""))
        .toList();
  }

  private void wrap(String program, Path original) throws IOException {
    Path wrapper = programs.resolve(program);
    Files.writeString(
        wrapper,
        "#!/bin/sh\nexec %s \"$@\"\n"
            .formatted(String.join(" ", inside(List.of(original.toString())))));
    Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String succeed(Bed bed, List<String> words)
      throws IOException, InterruptedException {
    try (Command command =
        Command.start(words, Map.of("PATH", PrivateContainerd.PATH), bed.outputs())) {
      Finished done = command.await(DEADLINE);
      if (done.status() != 0) {
        throw new IOException("`%s`: %s".formatted(String.join(" ", words), done.err()));
      }
      return done.out();
    }
  }

  /// Takes the namespace away; what was in it goes with it. The bed may be gone by now.
  @Override
  public void close() throws IOException {
    Unwinding.shield(() -> {
      Process deleted = new ProcessBuilder("ip", "netns", "delete", name).start();
      if (!deleted.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS) || deleted.exitValue() != 0) {
        throw new IOException("the network namespace %s cannot be deleted".formatted(name));
      }
      return null;
    });
  }
}
