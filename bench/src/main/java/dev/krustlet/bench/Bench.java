package dev.krustlet.bench;

import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.ScriptProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Runs every measurement on one private node and prints what it found. `scripts/bench.sh` starts
/// it.
@Command(
    name = "bench.sh",
    mixinStandardHelpOptions = true,
    header = "Measures what Krustlet costs, beside the runc shim.",
    description = {
      "Starts a containerd with a directory and a socket of its own, measures, and takes everything"
          + " away. Wants root, and a machine that does little else: the load at the start is"
          + " printed with the figures. Progress is on stderr.",
      "",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:everything was measured, whether or not a target was met",
      "64:wrong usage",
      "74:something could not be measured",
    })
final class Bench implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "100",
      description = "how often what takes about 100 ms is done; the rest follows (default: 100)")
  private int iterations;

  @Option(names = "--json", description = "print JSON instead of a table")
  private boolean json;

  @Option(
      names = "--containerd",
      paramLabel = "DIR",
      defaultValue = "/usr/bin",
      description = "where containerd, ctr and the runc shim are (default: /usr/bin)")
  @SuppressWarnings("NullAway.Init") // it has a default
  private Path containerd;

  private Bench() {}

  public static void main(String[] args) {
    ScriptProgram.main(commandLine(), args);
  }

  static CommandLine commandLine() {
    return ScriptProgram.of(new Bench());
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (iterations < 1) {
      throw new ParameterException(spec.commandLine(), "--iterations wants a number from 1 on");
    }
    Report report = measure();
    var out = spec.commandLine().getOut();
    out.print(json ? report.json() : report.text());
    out.flush();
    return 0;
  }

  private Report measure() throws IOException, InterruptedException {
    var installation = Installation.under(containerd);
    Machine machine = Machine.here(containerd);
    var figures = new ArrayList<Figure>();
    try (Node node = Node.start(installation)) {
      for (Measurement each : all()) {
        progress(each.name());
        figures.addAll(each.measure(node, iterations));
      }
      progress("taking everything away");
    }
    return new Report(machine, iterations, figures);
  }

  /// In this order: the daemon of the first start is the one that all the others meet.
  private static List<Measurement> all() {
    return List.of(
        new ColdStart(),
        new IdleMemory("fresh", "daemon + engine, no container, just started"),
        new WarmStart(),
        new TaskCalls(),
        new TaskThroughput(),
        new CtrRuns(),
        new CtrThroughput(),
        new ContainerMemory(),
        new IdleMemory("after", "daemon + engine, no container, after all of the above"));
  }

  private void progress(String what) {
    var err = spec.commandLine().getErr();
    err.println("bench: " + what);
    err.flush();
  }
}
