package dev.krustlet.command.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// What the user reads when a command fails: one sentence.
final class Failures {
  private Failures() {}

  /// A command line that makes no sense.
  static int usage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    return say(
        command,
        ExitStatus.USAGE,
        "%s (`%s --help` says more)"
            .formatted(sentence(e), command.getCommandSpec().qualifiedName()));
  }

  /// A command that made sense and could not be done.
  static int execution(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    return switch (e) {
      case CommandException c -> say(command, c.status(), sentence(c));
      case IOException io -> say(command, ExitStatus.IO_ERROR, cause(io));
      case InterruptedException _ -> say(command, ExitStatus.INTERNAL, "interrupted");
      default -> say(command, ExitStatus.INTERNAL, "internal error: " + e);
    };
  }

  /// Why an operation on a file failed. The JDK's own message is often no more than the file's
  /// name.
  static String cause(IOException e) {
    return switch (e) {
      case NoSuchFileException f -> f.getFile() + ": no such file or directory";
      case AccessDeniedException f -> f.getFile() + ": permission denied";
      case FileSystemException f when f.getReason() == null -> f.getFile() + ": cannot be used";
      default -> sentence(e);
    };
  }

  private static String sentence(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
  }

  private static int say(CommandLine command, int status, String sentence) {
    command.getErr().println("krustlet: " + sentence.strip().replaceAll("\\R\\s*", " "));
    return status;
  }
}
