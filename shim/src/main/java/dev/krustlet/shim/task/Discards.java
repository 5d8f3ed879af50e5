package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Signals;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.task.TaskState.Created;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The end of containers that containerd has given up: each is killed and deleted by a task of its
/// own, however long that takes and whoever waits for it.
final class Discards {
  private static final Logger LOG = LoggerFactory.getLogger(Discards.class);
  private static final Duration END = Duration.ofSeconds(30);

  /// How a container is deleted that has ended or never ran.
  @FunctionalInterface
  interface Deletion {
    Deleted of(String id) throws TaskException, InterruptedException;
  }

  private final Map<String, Task> tasks;
  private final Deletion deletion;
  private final Map<String, CompletableFuture<Deleted>> underWay = new ConcurrentHashMap<>();
  private Set<Task> homeless = Set.of(); // of the thread that looks for them

  Discards(Map<String, Task> tasks, Deletion deletion) {
    this.tasks = tasks;
    this.deletion = deletion;
  }

  /// Begins to end and delete a container, unless that is under way.
  CompletableFuture<Deleted> begin(String id) {
    var ours = new CompletableFuture<Deleted>();
    var theirs = underWay.putIfAbsent(id, ours);
    if (theirs != null) {
      return theirs;
    }
    Thread.ofVirtual().name("discard").start(() -> run(id, ours));
    return ours;
  }

  /// Begins to discard the containers whose bundle is gone, and was gone at the previous call: with
  /// its bundle containerd has forgotten a container. Call it now and then, from one thread.
  void beginHomeless() {
    var gone = new HashSet<Task>();
    for (Task each : tasks.values()) {
      if (Files.notExists(each.init().view().bundle())) {
        gone.add(each);
      }
    }
    for (Task each : gone) {
      if (homeless.contains(each)) {
        LOG.warn("container {} is deleted: its bundle is gone", each.init().id());
        var _ = begin(each.init().id());
      }
    }
    homeless = gone;
  }

  private void run(String id, CompletableFuture<Deleted> result) {
    try {
      Deleted deleted = discarded(id);
      underWay.remove(id);
      result.complete(deleted);
    } catch (TaskException | InterruptedException | RuntimeException | Error e) {
      if (tasks.containsKey(id)) {
        LOG.warn("container {} could not be ended and deleted", id, e);
      }
      underWay.remove(id);
      result.completeExceptionally(e);
    }
  }

  private Deleted discarded(String id) throws TaskException, InterruptedException {
    Task task = tasks.get(id);
    if (task != null && !(task.init().view().state() instanceof Created)) {
      end(task.init());
    }
    return deletion.of(id);
  }

  private static void end(Init init) throws TaskException, InterruptedException {
    try {
      init.kill(Signals.KILL, false);
    } catch (TaskException e) {
      if (e.code() != Code.NOT_FOUND) {
        throw e; // else it has ended already, and that is told soon
      }
    }
    try {
      Exit _ = init.life().states().exit().get(END.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new TaskException(
          Code.UNKNOWN,
          "container %s was killed and has not ended for %d s"
              .formatted(init.id(), END.toSeconds()),
          e);
    }
  }
}
