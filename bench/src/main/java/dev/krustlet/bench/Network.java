package dev.krustlet.bench;

import dev.krustlet.testbed.Unwinding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A network namespace with nothing but its loopback, kept by a name as CNI keeps a pod's.
record Network(String name) implements AutoCloseable {
  private static final int DEADLINE = 20; // seconds

  static Network make(String name) throws IOException, InterruptedException {
    ip("add", name);
    return new Network(name);
  }

  Path path() {
    return Path.of("/run/netns", name);
  }

  @Override
  public void close() throws IOException {
    Unwinding.shield(() -> {
      ip("delete", name);
      return null;
    });
  }

  private static void ip(String... arguments) throws IOException, InterruptedException {
    var words = Stream.concat(Stream.of("ip", "netns"), Stream.of(arguments)).toList();
    run(words);
  }

  private static void run(List<String> words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(DEADLINE, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("`%s`: %s".formatted(String.join(" ", words), said));
    }
  }
}
