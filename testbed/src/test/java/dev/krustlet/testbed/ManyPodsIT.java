package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class ManyPodsIT {
  private static final int PODS = 20;

  private final Installation installation;

  ManyPodsIT(Installation installation) {
    this.installation = installation;
  }

  @Test
  void twentyPodsAtOnceHaveOneDaemonAndOneEngineAndLeaveNothing()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    try (var pods = TestPods.start(installation)) {
      List<Pod> running =
          TestPods.atOnce(
              IntStream.range(0, PODS).<Callable<Pod>>mapToObj(i -> () -> run(pods, i)).toList());
      assertThat(running)
          .extracting(pod -> pod.status().getNetwork().getIp())
          .doesNotHaveDuplicates();
      Set<Long> daemon = pods.bed().processes(Programs.DAEMON);
      Set<Long> engine = pods.bed().processes(Programs.ENGINE);
      assertThat(daemon).hasSize(1);
      assertThat(engine).hasSize(1);
      TestPods.atOnce(running.stream().map(pod -> (Callable<String>) () -> remove(pod)).toList());
      pods.assertNoPodIsLeft();
      daemon.addAll(engine);
      assertThat(pods.kubelet().containerd().others()).isEqualTo(daemon);
    }
  }

  private static Pod run(TestPods pods, int number) throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("pod" + number, "krustlet");
    PodContainer wasm = pod.start("wasm", Guests.IMAGE, "/counter.wasm", "--interval", "100");
    PodContainer sidecar =
        pod.start(
            "sidecar",
            Guests.IMAGE,
            "/bin/sh",
            "-c",
            "echo here; exec /bin/busybox sleep infinity");
    wasm.awaitLog(TestPods.SOON, log -> log.out().startsWith("1\n2\n"));
    sidecar.awaitLog(TestPods.SOON, log -> log.out().equals("here\n"));
    return pod;
  }

  private static String remove(Pod pod) throws IOException {
    pod.stop();
    pod.remove();
    return pod.id();
  }
}
