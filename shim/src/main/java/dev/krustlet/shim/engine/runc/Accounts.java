package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.os.Poller;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// What a container's cgroup tells of it, until it is deleted. The cgroup may be gone before
/// (systemd removes an empty one): then the figures are the last that were read.
final class Accounts {
  private final String id;
  private final Cgroup cgroup;
  private final OomWatch oom;
  private Optional<Stats> last = Optional.empty();
  private boolean closed;

  private Accounts(String id, Cgroup cgroup, OomWatch oom) {
    this.id = id;
    this.cgroup = cgroup;
    this.oom = oom;
  }

  static Accounts open(String id, int pid, Poller poller) throws IOException {
    Cgroup cgroup = Cgroup.of(pid);
    return new Accounts(id, cgroup, OomWatch.of(cgroup, poller));
  }

  Cgroup cgroup() {
    return cgroup;
  }

  CompletableFuture<Void> oomKilled() {
    return oom.seen();
  }

  synchronized Stats figures() throws TaskException {
    try {
      last = Optional.of(cgroup.stats());
    } catch (IOException e) {
      if (last.isEmpty() || closed) {
        throw gone(e);
      }
    }
    Stats figures = last.orElseThrow();
    return oom.seen().isDone() ? figures.withOomKill() : figures;
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
    oom.look();
    last = Optional.of(cgroup.stats());
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
