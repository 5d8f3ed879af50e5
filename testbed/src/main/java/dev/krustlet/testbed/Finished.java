package dev.krustlet.testbed;

import java.util.regex.Pattern;

/// How a command ended, and all that it wrote.
public record Finished(int status, String out, String err) {
  /// At a terminal, warnings are in the output.
  private static final Pattern WARNING =
      Pattern.compile("(?m)^.*DEPRECATION: The support for cgroup v1 .*\\R?");

  /// The same without what ctr says of the machine: that of containerd 2.3 and newer warns of
  /// cgroup v1 each time.
  Finished withoutWarnings() {
    return new Finished(
        status, WARNING.matcher(out).replaceAll(""), WARNING.matcher(err).replaceAll(""));
  }
}
