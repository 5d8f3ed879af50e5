package dev.krustlet.testbed.cluster;

import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.Command;
import dev.krustlet.testbed.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The real kubectl, as an administrator of the cluster uses it in one namespace.
record Kubectl(ClusterNode node, String namespace) {
  static final Duration SOON = Duration.ofSeconds(90);

  /// Asking is a process each time.
  private static final Duration PACE = Duration.ofMillis(300);

  /// Runs it to its end, whatever that is.
  Finished ask(String... arguments) throws IOException, InterruptedException {
    return run(SOON.plusSeconds(30), words(arguments));
  }

  /// Runs it; what it is asked to do has to succeed.
  String call(String... arguments) throws IOException, InterruptedException {
    Finished done = ask(arguments);
    if (done.status() != 0) {
      throw new IOException(
          "`kubectl %s`: %s%s".formatted(String.join(" ", arguments), done.out(), done.err()));
    }
    return done.out();
  }

  /// Runs a program in a container, which has to succeed, and returns what it says.
  String exec(String pod, String container, List<String> command)
      throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("exec", pod, "--container", container, "--"));
    words.addAll(command);
    return call(words.toArray(String[]::new));
  }

  /// Starts it, for what goes on until its stdin ends or it is stopped.
  Command start(String... arguments) throws IOException {
    return Command.startTyping(node.inside(words(arguments)), node.environment(), outputs());
  }

  /// Creates or changes objects.
  void apply(String manifest) throws IOException, InterruptedException {
    Path file = Files.createTempFile(outputs(), "manifest", ".yaml").toAbsolutePath();
    Files.writeString(file, manifest);
    call("apply", "--server-side", "-f", file.toString());
  }

  /// A field of an object, empty if it has none yet.
  ///
  /// @param path as in JSONPath, without braces
  String field(String object, String path) throws IOException, InterruptedException {
    return call("get", object, "--output", "jsonpath={%s}".formatted(path));
  }

  void awaitField(String object, String path, String value)
      throws IOException, InterruptedException {
    String condition = "--for=jsonpath={%s}=%s".formatted(path, value);
    call("wait", object, condition, "--timeout=%ds".formatted(SOON.toSeconds()));
  }

  /// Waits for the end of a pod whose containers are not started again.
  ///
  /// @param phase that it has to end in
  void awaitEnd(String pod, String phase) throws IOException, InterruptedException {
    String path = ".status.phase";
    until("the end of " + pod, () -> field("pod/" + pod, path).matches("Succeeded|Failed"));
    String ended = field("pod/" + pod, path);
    if (!ended.equals(phase)) {
      throw new IOException("pod %s has %s".formatted(pod, ended));
    }
  }

  void awaitReady(String pod) throws IOException, InterruptedException {
    String timeout = "--timeout=%ds".formatted(SOON.toSeconds());
    call("wait", "pod/" + pod, "--for=condition=Ready", timeout);
  }

  void until(String what, Await.Condition condition) throws IOException, InterruptedException {
    Await.until(what, SOON, PACE, condition);
  }

  private List<String> words(String... arguments) {
    var words = new ArrayList<>(List.of("kubectl", "--namespace", namespace));
    words.addAll(Stream.of(arguments).toList());
    return words;
  }

  Finished run(Duration deadline, List<String> command) throws IOException, InterruptedException {
    return finish(node.inside(command), node.environment(), deadline);
  }

  static Finished finish(List<String> command, Map<String, String> environment, Duration deadline)
      throws IOException, InterruptedException {
    try (Command started = Command.start(command, environment, outputs())) {
      return started.await(deadline);
    }
  }

  private static Path outputs() throws IOException {
    return Files.createDirectories(Path.of("target/cluster-cases"));
  }
}
