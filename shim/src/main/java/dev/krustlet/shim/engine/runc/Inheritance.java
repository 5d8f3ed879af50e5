package dev.krustlet.shim.engine.runc;

import java.util.ArrayList;
import java.util.List;

/// What a native process gets from whoever called the launcher, and not from this process: the
/// daemon keeps its files to itself and may open as many as it needs.
///
/// @param umask in octal; empty to pass on our own
/// @param openFiles the soft limit of open files, or `unlimited`; empty to pass on our own
record Inheritance(String umask, String openFiles) {
  private static final String SHELL = "/bin/sh";
  private static final String SCRIPT = "umask \"$1\"; ulimit -S -n \"$2\"; shift 2; exec \"$@\"";

  /// As the launcher has told.
  static Inheritance ofLauncher() {
    return new Inheritance(
        System.getProperty("krustlet.umask", ""), System.getProperty("krustlet.open-files", ""));
  }

  /// A command that becomes the given one.
  List<String> before(List<String> command) {
    if (umask.isEmpty() || openFiles.isEmpty()) {
      return command;
    }
    List<String> whole = new ArrayList<>(List.of(SHELL, "-c", SCRIPT, SHELL, umask, openFiles));
    whole.addAll(command);
    return whole;
  }
}
