package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Starts a program that takes nothing from this process but what it is given here.
///
/// [java.lang.ProcessBuilder] passes on signals that this process ignores, and has its children
/// ignore the two signals that libc keeps for itself. It also starts a program of the JDK for each
/// child: a JDK that was replaced under a running process has no such program any more.
///
/// @param command the program's path and its arguments
/// @param environment `NAME=value`
/// @param directory where the program begins
public record Spawn(List<String> command, List<String> environment, Path directory) {
  public Spawn {
    command = List.copyOf(command);
    environment = List.copyOf(environment);
  }

  /// A program that begins where this process is.
  public static Spawn here(List<String> command, List<String> environment) {
    return new Spawn(command, environment, Path.of("."));
  }

  /// Starts the program with every signal's disposition at its default and no signal blocked. No
  /// descriptor is passed on but these three.
  ///
  /// @return the pid of a child that somebody has to wait for
  public int start(Fd in, Fd out, Fd err) throws IOException {
    return LibcSpawn.start(this, List.of(in, out, err));
  }
}
