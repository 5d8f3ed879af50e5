package dev.krustlet.testbed.load;

import dev.krustlet.testbed.Command;
import dev.krustlet.testbed.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// wrk, which has so many connections ask for one thing as fast as they get it.
///
/// @param requests that were answered
/// @param perSecond of them
/// @param p50 milliseconds until an answer
/// @param p99 of a hundred, the slowest but one; milliseconds
/// @param failed connections that were not made or were cut, answers that did not come or were no
///   success
public record Wrk(long requests, double perSecond, double p50, double p99, long failed) {
  /// wrk's own words round its figures; times are microseconds.
  private static final String SCRIPT =
      """
      done = function(summary, latency, requests)
        local errors = summary.errors
        io.write(string.format("figures %d %d %d %d %d\\n", summary.requests, summary.duration,
          latency:percentile(50), latency:percentile(99),
          errors.connect + errors.read + errors.write + errors.timeout + errors.status))
      end
      """;

  private static final Pattern FIGURES =
      Pattern.compile("(?m)^figures (\\d+) (\\d+) (\\d+) (\\d+) (\\d+)$");
  private static final Duration BEYOND = Duration.ofSeconds(60);

  /// What is asked of it.
  ///
  /// @param prefix a program that starts it elsewhere; empty to start it here
  /// @param outputs a directory for its script and output
  public record Plan(List<String> prefix, Path outputs, int connections, int seconds) {
    public Plan {
      prefix = List.copyOf(prefix);
    }

    /// Asks until the time is over.
    public Wrk run(String uri) throws IOException, InterruptedException {
      Path script = Files.writeString(outputs.resolve("wrk.lua"), SCRIPT);
      var words = new ArrayList<>(prefix);
      words.addAll(List.of("wrk", "--threads", "1", "--timeout", BEYOND.toSeconds() + "s"));
      words.addAll(List.of("--connections", Integer.toString(connections)));
      words.addAll(List.of("--duration", seconds + "s", "--script", script.toString(), uri));
      var environment = Map.of("PATH", System.getenv().getOrDefault("PATH", "/usr/bin"));
      try (Command command = Command.start(words, environment, outputs)) {
        return parse(command.await(BEYOND.plusSeconds(seconds)));
      }
    }
  }

  static Wrk parse(Finished finished) throws IOException {
    var figures = FIGURES.matcher(finished.out());
    if (finished.status() != 0 || !figures.find()) {
      throw new IOException(
          "wrk ended with %d: %s%s"
              .formatted(finished.status(), finished.out(), finished.err().strip()));
    }
    long requests = Long.parseLong(figures.group(1));
    return new Wrk(
        requests,
        requests * 1e6 / Long.parseLong(figures.group(2)),
        Long.parseLong(figures.group(3)) / 1e3,
        Long.parseLong(figures.group(4)) / 1e3,
        Long.parseLong(figures.group(5)));
  }
}
