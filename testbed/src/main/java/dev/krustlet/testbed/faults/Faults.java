package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.Installation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The long form of the suite of faults. `scripts/faults.sh` starts it.
@Command(
    name = "faults.sh",
    mixinStandardHelpOptions = true,
    header = "Breaks everything that can break, and looks at what is left.",
    description = {
      "Starts a containerd with a directory and a socket of its own, makes containers of both kinds"
          + " live and die at random while processes are killed, disks fill and readers go away,"
          + " and takes everything away. Wants root. Progress is on stderr.",
      "",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:nothing was lost and nothing was left",
      "1:the table tells what was",
      "64:wrong usage",
      "74:the suite itself could not go on",
    })
final class Faults implements Callable<Integer> {
  private static final int USAGE = 64; // sysexits EX_USAGE
  private static final int IO_ERROR = 74; // sysexits EX_IOERR

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "60",
      description =
          "how long new rounds begin; each fault comes at least once however short (default: 60)")
  private int seconds;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description =
          "what all chance follows from, except the machine's own (default: any, printed)")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--logs",
      paramLabel = "DIR",
      description = "where to put copies of containerd's and the daemons' logs (default: nowhere)")
  private Optional<Path> logs = Optional.empty();

  @Option(
      names = "--only",
      paramLabel = "WORDS",
      defaultValue = "",
      description = "only faults with these words in their names (default: all)")
  private String only = "";

  @Option(names = "--json", description = "print JSON instead of a table")
  private boolean json;

  @Option(
      names = "--cycles",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "instead of faults: so many containers from Create to Delete through one daemon, and what"
              + " daemon and engine hold after the first 500 and at the end")
  private int cycles;

  @Option(
      names = "--containerd",
      paramLabel = "DIR",
      defaultValue = "/usr/bin",
      description = "where containerd and ctr are (default: /usr/bin)")
  @SuppressWarnings("NullAway.Init") // it has a default
  private Path containerd;

  private Faults() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    var commandLine = new CommandLine(new Faults());
    commandLine.getCommandSpec().exitCodeOnInvalidInput(USAGE);
    return commandLine.setExecutionExceptionHandler(Faults::failed);
  }

  private static int failed(Exception problem, CommandLine line, CommandLine.ParseResult ignored) {
    problem.printStackTrace(line.getErr()); // of the suite, which is not to fail
    return IO_ERROR;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (seconds < 0 || cycles < 0) {
      throw new ParameterException(spec.commandLine(), "a number from 0 on is wanted");
    }
    return cycles > 0 ? cycle() : suite();
  }

  private int suite() throws IOException, InterruptedException {
    long chance = seed.orElseGet(() -> ThreadLocalRandom.current().nextLong(1_000_000));
    progress("seed " + chance);
    FaultReport report =
        FaultSuite.run(
            installation(), new FaultSuite.Plan(chance, seconds, only), logs, this::progress);
    print(json ? report.json() : report.text());
    return report.isClean() ? 0 : 1;
  }

  private int cycle() throws IOException, InterruptedException {
    CycleReport report = Cycles.run(installation(), cycles, this::progress);
    print(json ? report.json() : report.text());
    return report.isClean() ? 0 : 1;
  }

  private Installation installation() {
    return Installation.under(containerd);
  }

  private void print(String text) {
    var out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }

  private void progress(String what) {
    var err = spec.commandLine().getErr();
    err.println("faults: " + what);
    err.flush();
  }
}
