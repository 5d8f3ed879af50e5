package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.os.EventFd;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.Inotify;
import dev.krustlet.shim.os.Poller;
import dev.krustlet.shim.os.Registration;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notices that the kernel killed a process of a container for want of memory.
final class OomWatch implements AutoCloseable {
  /// Takes what made the descriptor readable.
  private interface Drain {
    void now() throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(OomWatch.class);

  private final OomCount count;
  private final CompletableFuture<Void> seen = new CompletableFuture<>();
  private final AutoCloseable source;
  private final Registration registration;
  private boolean settled;

  private OomWatch(Cgroup cgroup, Poller poller, Fd fd, AutoCloseable source, Drain drain)
      throws IOException {
    this.count = new OomCount(cgroup);
    this.source = source;
    this.registration =
        poller.onReadable(
            fd,
            () -> {
              try {
                drain.now();
                look();
              } catch (IOException e) {
                LOG.debug("cannot look for an out-of-memory kill", e);
              }
            });
  }

  static OomWatch of(Cgroup cgroup, Poller poller) throws IOException {
    return switch (cgroup) {
      case CgroupV1 v1 -> {
        EventFd events = EventFd.ofOutOfMemory(v1.memory());
        yield new OomWatch(cgroup, poller, events.fd(), events, events::read);
      }
      case CgroupV2 v2 -> {
        Inotify changes = Inotify.create();
        changes.watchModify(v2.memoryEvents());
        if (Files.exists(v2.parentsMemoryEvents())) {
          changes.watchModify(v2.parentsMemoryEvents());
        }
        yield new OomWatch(cgroup, poller, changes.fd(), changes, changes::drain);
      }
    };
  }

  /// Completes when a kill was seen.
  CompletableFuture<Void> seen() {
    return seen;
  }

  private synchronized void look() throws IOException {
    if (!settled && count.any()) {
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
    registration.close();
    try {
      source.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("closing a descriptor throws nothing but IOException", e);
    }
  }
}
