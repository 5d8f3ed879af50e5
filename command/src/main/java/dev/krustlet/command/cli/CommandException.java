package dev.krustlet.command.cli;

import java.io.Serial;

/// The command cannot do what it was asked: one sentence for the user, one status for scripts.
final class CommandException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final int status;

  /// @param status one of [ExitStatus]
  CommandException(int status, String sentence) {
    super(sentence);
    this.status = status;
  }

  int status() {
    return status;
  }
}
