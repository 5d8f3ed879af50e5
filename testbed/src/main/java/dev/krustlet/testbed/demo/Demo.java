package dev.krustlet.testbed.demo;

import dev.krustlet.proto.cri.v1.ContainerStats;
import dev.krustlet.proto.cri.v1.VersionRequest;
import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.ImageArchive;
import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.ProcessMemory;
import dev.krustlet.testbed.Programs;
import dev.krustlet.testbed.Unwinding;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.pods.Kubelet;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// A pod with wasm containers and a native sidecar, made through CRI as a kubelet makes it, under a
/// containerd that goes away afterwards. `scripts/demo.sh` starts it.
public final class Demo {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Screen screen;
  private final Installation installation;

  private Demo(Screen screen, Installation installation) {
    this.screen = screen;
    this.installation = installation;
  }

  /// Shows the demo; ends with 0 if all went as it should.
  ///
  /// @param args `--colours` for a terminal
  public static void main(String[] args) {
    var screen = new Screen(System.out, List.of(args).contains("--colours"));
    System.exit(Unwinding.run(() -> status(screen)));
  }

  private static int status(Screen screen) {
    try {
      run(Installation.ofBuild().getFirst(), screen);
      return 0;
    } catch (IOException e) {
      System.err.println("demo: " + e.getMessage());
    } catch (InterruptedException _) {
      System.err.println("demo: interrupted");
    }
    return 1;
  }

  static void run(Installation installation, Screen screen)
      throws IOException, InterruptedException {
    new Demo(screen, installation).run();
  }

  private void run() throws IOException, InterruptedException {
    long start = System.nanoTime();
    screen.step("A containerd of our own");
    try (var node = Kubelet.start(installation, Map.of())) {
      screen.took(version(node) + " in " + node.bed().path(), start);
      screen.say("with the runtime handler `krustlet`; the system's containerd is left alone");
      for (ImageArchive image : DemoPod.images(installation)) {
        node.load(image);
      }
      showPod(node);
      screen.step("Clean-up");
      long end = System.nanoTime();
      node.removePods();
      node.containerd().awaitIdle();
      List<String> left = node.traces();
      screen.took("pod removed; daemon and engine have left for want of work", end);
      screen.say("mounts, cgroups, sockets and networks left over: " + left.size());
      left.forEach(screen::say);
    }
    screen.step("Next");
    screen.say("target/krustlet/krustlet run examples/hello/hello.wasm -- --exit 3");
    screen.say("README.md, `On a node`, for a cluster");
  }

  private static String version(Kubelet node) throws IOException {
    var version = node.cri().call(CriCalls.VERSION, VersionRequest.getDefaultInstance());
    return version.getRuntimeName() + " " + version.getRuntimeVersion();
  }

  private void showPod(Kubelet node) throws IOException, InterruptedException {
    screen.step("A pod with `runtimeClassName: krustlet`");
    var volume = Files.createDirectory(node.bed().path().resolve("shared"));
    var parts = new DemoPod(volume);
    long start = System.nanoTime();
    Pod pod = node.run("demo", "krustlet");
    String address = pod.status().getNetwork().getIp();
    screen.took("sandbox at " + address + ", its pause container on runc", start);
    start = System.nanoTime();
    PodContainer counter = pod.start(parts.counter());
    screen.took("counter  wasm    writes numbers to a volume (compiled just now)", start);
    start = System.nanoTime();
    PodContainer sidecar = pod.start(parts.sidecar());
    screen.took("sidecar  native  a shell that follows them: tail -f", start);
    start = System.nanoTime();
    PodContainer hello = pod.start(parts.hello());
    screen.took("hello    wasm    prints what it was given (compiled just now)", start);
    showLogs(hello, sidecar);
    showAgain(pod, parts);
    showStats(node, pod, counter, sidecar);
  }

  private void showLogs(PodContainer hello, PodContainer sidecar)
      throws IOException, InterruptedException {
    screen.step("Logs, from the files that `kubectl logs` reads");
    int status = hello.awaitExit(SOON).getExitCode();
    screen.log("hello", hello.log().out());
    screen.log("sidecar", sidecar.awaitLog(SOON, log -> log.lines().size() >= 4).out());
    screen.say("hello was told to end with %d and ended with %d".formatted(DemoPod.STATUS, status));
    if (status != DemoPod.STATUS) {
      throw new IOException("hello ended with " + status);
    }
  }

  private void showAgain(Pod pod, DemoPod parts) throws IOException, InterruptedException {
    screen.step("Once more, the module comes from the cache");
    var again = parts.hello();
    again.getMetadataBuilder().setName("again");
    long start = System.nanoTime();
    pod.start(again).awaitExit(SOON);
    screen.took("created, started and seen to end through CRI", start);
  }

  private void showStats(Kubelet node, Pod pod, PodContainer counter, PodContainer sidecar)
      throws IOException, InterruptedException {
    screen.step("Stats, as the kubelet asks for them");
    Await.until("figures of both", SOON, () -> pod.stats().size() >= 2);
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("CONTAINER", "KIND", "CPU", "MEMORY"));
    rows.add(row("counter", "wasm", counter.stats()));
    rows.add(row("sidecar", "native", sidecar.stats()));
    screen.table(rows);
    screen.step("Processes, for all pods of the node");
    showProcess(node, "daemon, Java", Programs.DAEMON);
    showProcess(node, "engine, Wasmtime", Programs.ENGINE);
  }

  private static List<String> row(String name, String kind, ContainerStats stats) {
    double cpu = stats.getCpu().getUsageCoreNanoSeconds().getValue() / 1e6;
    long memory = stats.getMemory().getWorkingSetBytes().getValue();
    return List.of(name, kind, String.format(Locale.ROOT, "%.1f ms", cpu), (memory >> 10) + " KiB");
  }

  private void showProcess(Kubelet node, String what, String word) throws IOException {
    Set<Long> pids = node.bed().processes(word);
    for (long pid : pids) {
      long memory = ProcessMemory.pss(pid) >> 20;
      screen.say("%-17s process %d, %d MiB (PSS)".formatted(what, pid, memory));
    }
  }
}
