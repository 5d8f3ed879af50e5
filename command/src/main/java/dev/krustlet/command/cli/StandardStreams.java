package dev.krustlet.command.cli;

import java.lang.ProcessBuilder.Redirect;

/// Where a guest reads and writes.
record StandardStreams(Redirect in, Redirect out, Redirect err) {
  /// The command's own, terminal and all.
  static final StandardStreams INHERITED =
      new StandardStreams(Redirect.INHERIT, Redirect.INHERIT, Redirect.INHERIT);
}
