package dev.krustlet.testbed.load;

import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.ScriptProgram;
import dev.krustlet.testbed.pods.Kubelet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The long form of the load on services. `scripts/load.sh` starts it.
@Command(
    name = "load.sh",
    mixinStandardHelpOptions = true,
    header = "Asks a service in a pod as much as it can answer, and restarts it meanwhile.",
    description = {
      "Starts a containerd with a directory, a socket and a network of its own, and takes everything"
          + " away. Wants root and wrk. Progress is on stderr.",
      "",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:no request failed, the engine's memory stayed flat, and nothing accepted was lost",
      "1:the table tells what did not hold",
      "64:wrong usage",
      "74:the load itself could not go on",
    })
final class Load implements Callable<Integer> {
  private static final int CLIENTS = 16;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "how long wrk asks (default: 30)")
  private int seconds;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "50",
      description = "how many it has (default: 50)")
  private int connections;

  @Option(
      names = "--restarts",
      paramLabel = "N",
      defaultValue = "20",
      description = "how many pods of a service of two are replaced under load (default: 20)")
  private int restarts;

  @Option(
      names = "--containerd",
      paramLabel = "DIR",
      defaultValue = "/usr/bin",
      description = "where containerd and ctr are (default: /usr/bin)")
  @SuppressWarnings("NullAway.Init") // it has a default
  private Path containerd;

  private Load() {}

  public static void main(String[] args) {
    ScriptProgram.main(commandLine(), args);
  }

  static CommandLine commandLine() {
    return ScriptProgram.of(new Load());
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (seconds < 1 || connections < 1 || restarts < 0) {
      throw new ParameterException(spec.commandLine(), "a number from 1 on is wanted");
    }
    var installation = Installation.under(containerd);
    LoadReport report;
    try (Kubelet kubelet = Kubelet.start(installation, Map.of())) {
      report = load(WebPods.on(kubelet));
      kubelet.removePods();
    }
    var out = spec.commandLine().getOut();
    out.print(report.text());
    out.flush();
    return report.isClean() ? 0 : 1;
  }

  private LoadReport load(WebPods pods) throws IOException, InterruptedException {
    progress("%d connections for %d s".formatted(connections, seconds));
    WrkLoad steady = WrkLoad.run(pods, connections, seconds);
    progress("%d restarts with %d requests under way".formatted(restarts, CLIENTS));
    return new LoadReport(connections, steady, RollingRestart.run(pods, restarts, CLIENTS));
  }

  private void progress(String what) {
    var err = spec.commandLine().getErr();
    err.println("load: " + what);
    err.flush();
  }
}
