package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a container's cgroup tells of it, until it is deleted. The cgroup may be gone before
/// (systemd removes an empty one): then the figures are the last that were read.
final class Accounts {
  private static final Logger LOG = LoggerFactory.getLogger(Accounts.class);

  private final String id;
  private final Cgroup cgroup;
  private final OomWatch oom;
  private Stats last;
  private boolean closed;

  private Accounts(String id, Cgroup cgroup, OomWatch oom, Stats first) {
    this.id = id;
    this.cgroup = cgroup;
    this.oom = oom;
    this.last = first;
  }

  static Accounts open(String id, int pid, OomWatch.Hearing hearing) throws IOException {
    return of(id, Cgroup.of(pid), hearing);
  }

  static Accounts of(String id, Cgroup cgroup, OomWatch.Hearing hearing) throws IOException {
    Stats first = cgroup.stats();
    return new Accounts(id, cgroup, OomWatch.of(id, cgroup, hearing), first);
  }

  Cgroup cgroup() {
    return cgroup;
  }

  CompletableFuture<Void> oomKilled() {
    return oom.seen();
  }

  synchronized Stats figures() throws TaskException {
    try {
      last = cgroup.stats();
    } catch (IOException e) {
      if (closed) {
        throw gone(e);
      }
    }
    return oom.seen().isDone() ? last.withOomKill() : last;
  }

  List<Integer> pids() throws TaskException {
    try {
      return cgroup.pids();
    } catch (IOException e) {
      throw gone(e);
    }
  }

  /// The container has ended: reads all once more, for those who ask later.
  synchronized void lastLook() throws IOException {
    oom.settle();
    try {
      last = cgroup.stats();
    } catch (IOException e) {
      LOG.debug("the cgroup of {} went before its last figures were read", id, e);
    }
  }

  synchronized void close() throws IOException {
    closed = true;
    oom.close();
  }

  private TaskException gone(IOException e) {
    return new TaskException(
        Code.NOT_FOUND, "no cgroup of %s: %s".formatted(id, e.getMessage()), e);
  }
}
