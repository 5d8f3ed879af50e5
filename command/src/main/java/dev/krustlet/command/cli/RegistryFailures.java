package dev.krustlet.command.cli;

import dev.krustlet.command.image.LayoutException;
import dev.krustlet.command.registry.RegistryFailure;
import java.io.IOException;

/// What the commands that talk to a registry end with when they fail.
final class RegistryFailures {
  private RegistryFailures() {}

  static CommandException of(IOException e) {
    return new CommandException(status(e), Failures.cause(e));
  }

  private static int status(IOException e) {
    return switch (e) {
      case LayoutException _ -> ExitStatus.BAD_MODULE;
      case RegistryFailure f ->
          switch (f.kind()) {
            case UNREACHABLE, REFUSED -> ExitStatus.UNAVAILABLE;
            case DENIED -> ExitStatus.NO_PERMISSION;
            case ABSENT -> ExitStatus.NO_INPUT;
            case DAMAGED -> ExitStatus.BAD_MODULE;
          };
      default -> ExitStatus.IO_ERROR;
    };
  }
}
