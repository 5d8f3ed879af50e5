package dev.krustlet.testbed.pods;

import java.time.Instant;

/// A line of a container's log as containerd writes it.
///
/// @param stream `stdout` or `stderr`
/// @param full whether the container's line ends here
/// @param text what the container wrote, without the end of the line
public record LogLine(Instant time, String stream, boolean full, String text) {
  /// Reads `TIME STREAM TAG TEXT`.
  static LogLine parse(String line) {
    String[] words = line.split(" ", 4);
    if (words.length < 4 || !words[2].matches("[FP]")) {
      throw new IllegalArgumentException("no line of a CRI log: '%s'".formatted(line));
    }
    return new LogLine(Instant.parse(words[0]), words[1], words[2].equals("F"), words[3]);
  }
}
