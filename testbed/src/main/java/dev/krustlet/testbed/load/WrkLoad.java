package dev.krustlet.testbed.load;

import dev.krustlet.testbed.ProcessMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// One pod under wrk, and what its engine holds meanwhile.
///
/// @param memory PSS of the engine in bytes: with the service idle, after the warm-up, at the end
record WrkLoad(Wrk wrk, List<Long> memory) {
  private static final int WARM_UP = 5; // seconds

  WrkLoad {
    memory = List.copyOf(memory);
  }

  static WrkLoad run(WebPods pods, int connections, int seconds)
      throws IOException, InterruptedException {
    WebPods.WebPod pod = pods.start("wrk");
    String uri = "http:/%s/".formatted(pod.address());
    long engine = pods.engine();
    var memory = new ArrayList<Long>();
    memory.add(ProcessMemory.pss(engine));
    plan(pods, connections, WARM_UP).run(uri);
    memory.add(ProcessMemory.pss(engine));
    Wrk wrk = plan(pods, connections, seconds).run(uri);
    memory.add(ProcessMemory.pss(engine));
    pod.pod().stop();
    return new WrkLoad(wrk, memory);
  }

  private static Wrk.Plan plan(WebPods pods, int connections, int seconds) {
    return new Wrk.Plan(List.of(), pods.kubelet().bed().outputs(), connections, seconds);
  }

  /// What it grew by after the warm-up, in bytes.
  long growth() {
    return memory.getLast() - memory.get(1);
  }
}
