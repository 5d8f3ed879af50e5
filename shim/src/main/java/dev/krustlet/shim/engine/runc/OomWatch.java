package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.os.EventFd;
import dev.krustlet.shim.os.Poller;
import dev.krustlet.shim.os.Registration;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notices that the kernel killed a process of a container for want of memory.
final class OomWatch implements AutoCloseable {
  /// How kills are heard of.
  ///
  /// @param events of cgroup v2
  record Hearing(Poller poller, MemoryEvents events) {}

  private static final Logger LOG = LoggerFactory.getLogger(OomWatch.class);

  private final Optional<OomCount> count;
  private final CompletableFuture<Void> seen = new CompletableFuture<>();
  private AutoCloseable source = () -> {};
  private boolean settled;

  private OomWatch(Optional<OomCount> count) {
    this.count = count;
  }

  /// Where the kernel tells nothing, or has no more watches to give, the container runs all the
  /// same and its kills are not told.
  static OomWatch of(String id, Cgroup cgroup, Hearing hearing) {
    try {
      var watch = new OomWatch(Optional.of(new OomCount(cgroup)));
      watch.source = watch.listen(cgroup, hearing);
      watch.lookOrSay(); // for what was before we listened
      return watch;
    } catch (IOException e) {
      LOG.warn(
          "cannot watch container {} for out-of-memory kills, and will tell of none; if the cause"
              + " is a limit, raise fs.inotify.max_user_instances or max_user_watches: {}",
          id,
          e.getMessage());
      return new OomWatch(Optional.empty());
    }
  }

  private AutoCloseable listen(Cgroup cgroup, Hearing hearing) throws IOException {
    return switch (cgroup) {
      case CgroupV1 v1 -> listen(EventFd.ofOutOfMemory(v1.memory()), hearing.poller);
      case CgroupV2 v2 ->
          hearing.events.listen(
              List.of(v2.memoryEvents(), v2.parentsMemoryEvents()), this::lookOrSay);
    };
  }

  private AutoCloseable listen(EventFd kills, Poller poller) throws IOException {
    try {
      Registration registration =
          poller.onReadable(
              kills.fd(),
              () -> {
                drain(kills);
                lookOrSay();
              });
      return () -> {
        registration.close();
        kills.close();
      };
    } catch (IOException e) {
      kills.close();
      throw e;
    }
  }

  private static void drain(EventFd kills) {
    try {
      kills.read();
    } catch (IOException e) {
      LOG.debug("cannot read how often memory ran out", e);
    }
  }

  private void lookOrSay() {
    try {
      look();
    } catch (IOException e) {
      LOG.debug("cannot look for an out-of-memory kill", e);
    }
  }

  /// Completes when a kill was seen.
  CompletableFuture<Void> seen() {
    return seen;
  }

  private synchronized void look() throws IOException {
    if (!settled && count.isPresent() && count.get().any()) {
      seen.complete(null);
    }
  }

  /// Asks the kernel for the last time, before the exit is told: what it kills from now on is not
  /// ours.
  synchronized void settle() throws IOException {
    look();
    settled = true;
  }

  @Override
  public void close() throws IOException {
    try {
      source.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("closing a descriptor throws nothing but IOException", e);
    }
  }
}
