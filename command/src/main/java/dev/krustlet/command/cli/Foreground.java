package dev.krustlet.command.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A child process that stands for this one: it has our streams, its status is ours, and it does
/// not outlive us if we are told to end. (Ctrl-C reaches it without us, as it does everything in
/// the terminal's foreground.)
final class Foreground {
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private Foreground() {}

  /// Runs a program to its end, with no environment.
  ///
  /// @return its status, or 128 and the number of the signal that ended it
  static int run(List<String> command, StandardStreams streams)
      throws IOException, InterruptedException {
    return run(command, Map.of(), streams);
  }

  /// Runs a program to its end, with this environment and nothing of ours.
  ///
  /// @return its status, or 128 and the number of the signal that ended it
  static int run(List<String> command, Map<String, String> environment, StandardStreams streams)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(command)
            .redirectInput(streams.in())
            .redirectOutput(streams.out())
            .redirectError(streams.err());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process child = builder.start();
    Thread end = Thread.ofPlatform().name("end-of-child").unstarted(() -> end(child));
    if (!whenWeEnd(end)) {
      end(child);
    }
    try {
      return child.waitFor();
    } finally {
      nevermind(end);
    }
  }

  private static boolean whenWeEnd(Thread hook) {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      return true;
    } catch (IllegalStateException _) {
      return false; // we are ending already
    }
  }

  private static void nevermind(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // it runs, and it is why the child has ended
    }
  }

  private static void end(Process child) {
    child.destroy(); // SIGTERM
    try {
      if (!child.waitFor(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
        child.destroyForcibly();
      }
    } catch (InterruptedException _) {
      child.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
