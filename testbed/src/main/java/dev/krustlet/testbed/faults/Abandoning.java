package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.api.CallException;
import dev.krustlet.testbed.api.Tasks;
import dev.krustlet.testbed.faults.Ledger.Wrong;
import io.grpc.Status.Code;
import java.util.concurrent.TimeUnit;

/// The removal of a container whose state nobody knows, as the kubelet does it: again and again
/// until containerd says that there is none.
record Abandoning(Yard yard, String id) {
  private static final long DEADLINE = TimeUnit.SECONDS.toNanos(60);
  private static final int SIGKILL = 9;

  void abandon(Run run) throws InterruptedException {
    long end = System.nanoTime() + DEADLINE;
    run.signalled(SIGKILL);
    String problem = "";
    while (System.nanoTime() < end) {
      try {
        if (removeTask(run)) {
          removeContainer();
          return;
        }
      } catch (CallException e) {
        problem = String.valueOf(e.getMessage());
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    yard.ledger().wrong(Wrong.OTHER, "%s cannot be removed: %s".formatted(run, problem));
  }

  private boolean removeTask(Run run) throws CallException {
    Tasks tasks = yard.node().tasks();
    try {
      tasks.kill(id, "", SIGKILL);
    } catch (CallException e) {
      if (e.code() == Code.UNAVAILABLE) {
        throw e;
      }
    }
    try {
      run.deleted(tasks.delete(id, ""));
      return true;
    } catch (CallException e) {
      if (e.code() == Code.NOT_FOUND) {
        return true;
      }
      throw e;
    }
  }

  private void removeContainer() throws CallException {
    try {
      yard.node().containers().delete(id);
    } catch (CallException e) {
      if (e.code() != Code.NOT_FOUND) {
        throw e;
      }
    }
  }
}
