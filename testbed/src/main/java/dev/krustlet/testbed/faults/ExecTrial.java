package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.api.CallException;
import dev.krustlet.testbed.api.Tasks;
import java.io.IOException;
import java.util.Random;

/// One more process in a container that runs.
record ExecTrial(Yard yard, Trial container, Run first, String name) {
  private static final int SIGKILL = 9;

  void live(Random random) throws CallException, IOException, InterruptedException {
    Kind kind = container.workload().kind();
    Workload workload =
        switch (random.nextInt(3)) {
          case 0 -> kind.counting(1 + random.nextInt(5_000));
          case 1 -> kind.endless();
          default -> kind.ending(random.nextInt(100));
        };
    try (var outputs = Outputs.of(yard, container.id() + "-" + name)) {
      var run = new Run(first, name, workload, outputs.out(), outputs.err());
      yard.runs().add(run);
      try {
        live(run);
      } finally {
        run.judge(yard.disturbances(), yard.ledger());
      }
    }
  }

  private void live(Run run) throws CallException, InterruptedException {
    Tasks tasks = yard.node().tasks();
    String id = container.id();
    tasks.exec(id, name, run.workload().process(), run.out().fifo(), run.err().fifo());
    run.started(tasks.start(id, name));
    yard.ledger().did("exec " + run.workload().kind().word());
    if (run.workload().isEndless()) {
      run.signalled(SIGKILL);
      container.again(() -> {
        tasks.kill(id, name, SIGKILL);
        return true;
      });
    }
    run.waited(container.again(() -> tasks.await(id, name)));
    run.deleted(tasks.delete(id, name));
  }
}
