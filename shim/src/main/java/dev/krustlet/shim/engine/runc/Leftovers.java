package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Signals;
import dev.krustlet.shim.os.Errno;
import dev.krustlet.shim.os.ErrnoException;
import dev.krustlet.shim.os.Reaper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a container's init leaves behind: without a pid namespace of its own, its end does not end
/// the others.
record Leftovers(String id, Cgroup cgroup, Reaper reaper) {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
  private static final Duration ROUND = Duration.ofMillis(500);
  private static final int ROUNDS = 10;

  /// Kills them all, those too that are born meanwhile.
  void kill() throws IOException, InterruptedException {
    List<Integer> pids = left();
    for (int round = 0; round < ROUNDS && !pids.isEmpty(); round++) {
      awaitEnd(pids);
      pids = left();
    }
    if (!pids.isEmpty()) {
      LOG.warn("processes {} of {} do not end", pids, id);
    }
  }

  /// None if the cgroup is gone: it goes after its last process.
  private List<Integer> left() throws IOException {
    try {
      return cgroup.pids();
    } catch (IOException e) {
      if (cgroup.isGone()) {
        return List.of();
      }
      throw e;
    }
  }

  private void awaitEnd(List<Integer> pids) throws IOException, InterruptedException {
    List<CompletableFuture<Integer>> ends = new ArrayList<>();
    for (int pid : pids) {
      try {
        ends.add(reaper.watch(pid)); // they are our children now, so we reap them
        reaper.kill(pid, Signals.KILL);
      } catch (ErrnoException e) {
        if (e.errno() != Errno.ESRCH) {
          throw e;
        }
      }
    }
    try {
      CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new))
          .get(ROUND.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.debug("some of {} take long to end", pids, e);
    }
  }
}
