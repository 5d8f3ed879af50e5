package dev.krustlet.testbed;

import picocli.CommandLine;

/// What the programs of `scripts/` have in common: statuses of sysexits, one line for what went
/// wrong, and a clean-up before the end that Ctrl-C asks for.
public final class ScriptProgram {
  private static final int USAGE = 64; // EX_USAGE
  private static final int IO_ERROR = 74; // EX_IOERR

  private ScriptProgram() {}

  /// The command line of a command that is annotated for picocli.
  public static CommandLine of(Object command) {
    var commandLine = new CommandLine(command);
    commandLine.getCommandSpec().exitCodeOnInvalidInput(USAGE);
    return commandLine.setExecutionExceptionHandler(ScriptProgram::failed);
  }

  /// Runs it as the whole of this process.
  @SuppressWarnings("SystemExitOutsideMain") // it is what every main of them does
  public static void main(CommandLine program, String[] args) {
    System.exit(Unwinding.run(() -> program.execute(args)));
  }

  private static int failed(Exception problem, CommandLine line, CommandLine.ParseResult ignored) {
    String reason = problem instanceof InterruptedException ? "interrupted" : problem.getMessage();
    line.getErr().println(line.getCommandName().replace(".sh", ": ") + reason);
    return IO_ERROR;
  }
}
