package dev.krustlet.shim.engine.runc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.krustlet.shim.os.Inotify;
import dev.krustlet.shim.os.Poller;
import dev.krustlet.shim.os.Registration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Out-of-memory kills that cgroup v2 counts in `memory.events`, heard through one inotify instance
/// for all containers: a user may have 128 of those, and shares them with the whole node.
final class MemoryEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryEvents.class);
  private static final int TOO_MANY = -1;

  /// One file and who wants to know of it: a container, or each child of a parent.
  private static final class Watched {
    private final Path file;
    private final Set<Runnable> listeners = new HashSet<>();
    private OptionalLong kills = OptionalLong.empty();

    Watched(Path file) {
      this.file = file;
    }

    /// Whether there may have been a kill: the file also changes, many times a second, while a
    /// group is at its limit.
    boolean killed() {
      OptionalLong before = kills;
      try {
        kills = CgroupFiles.value(file, "oom_kill");
      } catch (IOException _) {
        kills = OptionalLong.empty(); // the group is about to go
      }
      return kills.isEmpty() || !kills.equals(before);
    }
  }

  private final Poller poller;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<Integer, Watched> watches = new HashMap<>();

  @GuardedBy("lock")
  private Optional<Inotify> inotify = Optional.empty();

  private Registration registration = () -> {};

  MemoryEvents(Poller poller) {
    this.poller = poller;
  }

  /// Has a listener called, on the poller's thread, after kills that the files have counted.
  ///
  /// @return to end it
  AutoCloseable listen(List<Path> files, Runnable listener) throws IOException {
    var numbers = new HashSet<Integer>();
    try {
      for (Path file : files) {
        if (Files.exists(file)) {
          numbers.add(watch(file, listener));
        }
      }
    } catch (IOException e) {
      forget(numbers, listener);
      throw e;
    }
    return () -> forget(numbers, listener);
  }

  private int watch(Path file, Runnable listener) throws IOException {
    lock.lock();
    try {
      int number = open().watchModify(file);
      watches.computeIfAbsent(number, _ -> new Watched(file)).listeners.add(listener);
      return number;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private Inotify open() throws IOException {
    if (inotify.isPresent()) {
      return inotify.get();
    }
    Inotify opened = Inotify.create();
    try {
      registration = poller.onReadable(opened.fd(), this::changed);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
    inotify = Optional.of(opened);
    return opened;
  }

  private void forget(Set<Integer> numbers, Runnable listener) throws IOException {
    lock.lock();
    try {
      for (int number : numbers) {
        Watched watched = watches.get(number);
        if (watched != null && watched.listeners.remove(listener) && watched.listeners.isEmpty()) {
          watches.remove(number);
          inotify.orElseThrow().unwatch(number);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void changed() {
    concerned().forEach(Runnable::run);
  }

  private Set<Runnable> concerned() {
    var found = new HashSet<Runnable>();
    lock.lock();
    try {
      if (inotify.isPresent()) {
        Set<Integer> numbers = inotify.get().changed();
        watches.forEach((number, watched) -> {
          if ((numbers.contains(number) || numbers.contains(TOO_MANY)) && watched.killed()) {
            found.addAll(watched.listeners);
          }
        });
      }
    } catch (IOException e) {
      LOG.warn("cannot hear of out-of-memory kills", e);
    } finally {
      lock.unlock();
    }
    return found;
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      registration.close();
      if (inotify.isPresent()) {
        inotify.get().close();
      }
      inotify = Optional.empty();
      watches.clear();
    } finally {
      lock.unlock();
    }
  }
}
