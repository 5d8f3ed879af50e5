package dev.krustlet.bench;

import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.ScriptProgram;
import dev.krustlet.testbed.load.WebPods;
import dev.krustlet.testbed.load.Wrk;
import dev.krustlet.testbed.pods.Kubelet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Measures services beside Wasmtime's own. `scripts/bench-http.sh` starts it.
@Command(
    name = "bench-http.sh",
    mixinStandardHelpOptions = true,
    header = "Measures how Krustlet serves HTTP, beside wasmtime serve.",
    description = {
      "Starts the example of a service under each in turn, has wrk ask them, and takes everything"
          + " away. Wants root, wrk, and a machine that does little else: the load at the start is"
          + " printed with the figures. Progress is on stderr.",
      "",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:everything was measured, whether or not a target was met",
      "64:wrong usage",
      "74:something could not be measured",
    })
final class HttpBench implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "how often wrk asks each of them (default: 5)")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "5",
      description = "for how long each time (default: 5)")
  private int seconds;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "50",
      description = "how many wrk has (default: 50)")
  private int connections;

  @Option(names = "--json", description = "print JSON instead of a table")
  private boolean json;

  @Option(
      names = "--wasmtime",
      paramLabel = "FILE",
      description = "the program to compare with (default: none)")
  private Optional<Path> wasmtime = Optional.empty();

  @Option(
      names = "--containerd",
      paramLabel = "DIR",
      defaultValue = "/usr/bin",
      description = "where containerd and ctr are (default: /usr/bin)")
  @SuppressWarnings("NullAway.Init") // it has a default
  private Path containerd;

  private HttpBench() {}

  public static void main(String[] args) {
    ScriptProgram.main(commandLine(), args);
  }

  static CommandLine commandLine() {
    return ScriptProgram.of(new HttpBench());
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (rounds < 1 || seconds < 1 || connections < 1) {
      throw new ParameterException(spec.commandLine(), "a number from 1 on is wanted");
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
    try (Kubelet kubelet = Kubelet.start(installation, Map.of())) {
      WebPods pods = WebPods.on(kubelet);
      progress("the first request of a service");
      figures.addAll(new FirstRequest(kubelet.run("first", "krustlet")).measure(rounds * 4));
      figures.addAll(rates(pods));
      kubelet.removePods();
    }
    return new Report(machine, rounds, figures);
  }

  private List<Figure> rates(WebPods pods) throws IOException, InterruptedException {
    Installation installation = pods.kubelet().containerd().installation();
    Path outputs = pods.kubelet().bed().outputs();
    var plan = new HttpServer.Plan(installation.example("web"), outputs);
    Deque<HttpServer> servers = new ArrayDeque<>();
    try {
      // First the pod: then there is one engine among the processes.
      HttpServer pod = HttpServer.of(pods.start("web"), pods.engine());
      if (wasmtime.isPresent()) {
        servers.addLast(plan.wasmtime(wasmtime.get()));
      }
      servers.addLast(plan.engine(installation.krustlet().resolve("krustlet-engine")));
      servers.addLast(pod);
      progress("%d rounds of %d s for each of %d".formatted(rounds, seconds, servers.size()));
      var wrk = new Wrk.Plan(List.of(), outputs, connections, seconds);
      return new HttpRates(List.copyOf(servers), wasmtime.isPresent(), wrk).measure(rounds);
    } finally {
      servers.forEach(HttpServer::close);
    }
  }

  private void progress(String what) {
    var err = spec.commandLine().getErr();
    err.println("bench-http: " + what);
    err.flush();
  }
}
