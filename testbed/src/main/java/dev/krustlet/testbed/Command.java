package dev.krustlet.testbed;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A started program whose output goes to files: whatever it leaves behind can hold a file open
/// without keeping us waiting for its end.
public final class Command implements AutoCloseable {
  private final String line;
  private final Process process;
  private final Path out;
  private final Path err;

  private Command(String line, Process process, Path out, Path err) {
    this.line = line;
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /// Starts a program with nothing on its stdin.
  ///
  /// @param outputs a directory for its output
  /// @param environment all it has
  public static Command start(List<String> words, Map<String, String> environment, Path outputs)
      throws IOException {
    return start(words, environment, outputs, Redirect.from(Path.of("/dev/null").toFile()));
  }

  /// Starts a program whose stdin is what [#type] is given, until [#endInput].
  public static Command startTyping(
      List<String> words, Map<String, String> environment, Path outputs) throws IOException {
    return start(words, environment, outputs, Redirect.PIPE);
  }

  private static Command start(
      List<String> words, Map<String, String> environment, Path outputs, Redirect input)
      throws IOException {
    Path out = Files.createTempFile(outputs, "c", ".out");
    Path err = Files.createTempFile(outputs, "c", ".err");
    var builder =
        builder(words, environment, err).redirectInput(input).redirectOutput(out.toFile());
    return new Command(String.join(" ", words), builder.start(), out, err);
  }

  private static ProcessBuilder builder(
      List<String> words, Map<String, String> environment, Path err) {
    var builder = new ProcessBuilder(words).redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  public Process process() {
    return process;
  }

  /// Sends it a signal by its name without SIG.
  public void signal(String name) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (status != 0) {
      throw new IOException("`%s` has ended: no SIG%s".formatted(line, name));
    }
  }

  public void type(String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /// Its stdin is at its end.
  public void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /// What it has written on stdout so far.
  public String out() throws IOException {
    return Files.readString(out);
  }

  /// Waits for the end; a program that misses the deadline is killed.
  public Finished await(Duration deadline) throws IOException, InterruptedException {
    Duration patience = Await.patiently(deadline);
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      close();
      throw new IOException(
          "`%s` did not end within %d s; its output: %s%s"
              .formatted(line, patience.toSeconds(), out(), Files.readString(err)));
    }
    return new Finished(process.exitValue(), out(), Files.readString(err));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
