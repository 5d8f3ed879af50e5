package dev.krustlet.shim.task;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.task.TaskState.Created;
import dev.krustlet.shim.task.TaskState.Running;
import dev.krustlet.shim.task.TaskState.Stopped;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/// One container's life as containerd sees it.
///
/// Two locks: `moves` is held across a whole start or delete, which call the engine and may take
/// long; `lock` guards the state for moments, so that a look at a task never waits for a slow
/// start.
final class Task {
  private static final Duration DRAIN = Duration.ofSeconds(10);
  private static final Duration UNSTARTED_EXIT = Duration.ofSeconds(2);
  private static final int KILLED = 137;

  private final ContainerRequest request;
  private final Container container;
  private final TaskEvents events;
  private final Clock clock;
  private final CompletableFuture<Exit> exit = new CompletableFuture<>();
  private final ReentrantLock moves = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private TaskState state = new Created();

  /// A start is under way: an exit that comes now is told after it.
  @GuardedBy("lock")
  private boolean starting;

  @GuardedBy("lock")
  private Optional<Exit> early = Optional.empty();

  @GuardedBy("lock")
  private boolean earlyOutOfMemory;

  Task(ContainerRequest request, Container container, TaskEvents events, Clock clock) {
    this.request = request;
    this.container = container;
    this.events = events;
    this.clock = clock;
  }

  /// Publishes the creation and begins to watch for the end.
  void watch(Executor executor) {
    events.publish(
        new TaskEvent.Created(
            request.id(), request.bundle(), request.rootfs(), request.stdio(), container.pid()));
    var oom = container.oomKilled().thenRunAsync(this::outOfMemory, executor);
    var _ =
        container
            .exited()
            .thenAcceptAsync(
                exited -> {
                  if (container.oomKilled().isDone()) {
                    oom.join(); // told before the exit it caused
                  }
                  ended(exited);
                },
                executor);
  }

  TaskView view() {
    lock.lock();
    try {
      return new TaskView(request.id(), request.bundle(), container.pid(), request.stdio(), state);
    } finally {
      lock.unlock();
    }
  }

  int start() throws TaskException, InterruptedException {
    moves.lock();
    try {
      beginStart();
      try {
        container.start();
      } catch (TaskException | InterruptedException | RuntimeException e) {
        finishStart(false);
        throw e;
      }
      finishStart(true);
      return container.pid();
    } finally {
      moves.unlock();
    }
  }

  void kill(int signal, boolean all) throws TaskException, InterruptedException {
    if (view().state() instanceof Stopped) {
      throw new TaskException(Code.NOT_FOUND, "process already finished: " + request.id());
    }
    container.kill(signal, all);
  }

  /// Blocks until the end; answers at once after it.
  Exit awaitExit() throws InterruptedException {
    try {
      return exit.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an exit never fails", e);
    }
  }

  Container container() {
    return container;
  }

  /// Releases all the container holds. It is stopped, or was never started and is ended now.
  Deleted delete() throws TaskException, InterruptedException {
    moves.lock();
    try {
      switch (view().state()) {
        case Running _ ->
            throw new TaskException(
                Code.UNKNOWN, "cannot delete a running process: " + request.id());
        case Created _ -> {
          container.delete();
          endUnstarted();
        }
        case Stopped _ -> container.delete();
      }
      return new Deleted(container.pid(), exit.get(DRAIN.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException | TimeoutException e) {
      throw new TaskException(Code.UNKNOWN, "the end of " + request.id() + " was never told", e);
    } finally {
      moves.unlock();
    }
  }

  void deleted(Deleted result) {
    lock.lock();
    try {
      events.publish(new TaskEvent.Deleted(request.id(), result.pid(), result.exit()));
    } finally {
      lock.unlock();
    }
  }

  private void beginStart() throws TaskException {
    lock.lock();
    try {
      switch (state) {
        case Created _ -> starting = true;
        case Running _ ->
            throw new TaskException(Code.FAILED_PRECONDITION, request.id() + " runs already");
        case Stopped _ ->
            throw new TaskException(
                Code.FAILED_PRECONDITION, "cannot start %s, it has ended".formatted(request.id()));
      }
    } finally {
      lock.unlock();
    }
  }

  private void finishStart(boolean started) {
    lock.lock();
    try {
      starting = false;
      if (started) {
        state = new Running();
        events.publish(new TaskEvent.Started(request.id(), container.pid()));
      }
      if (earlyOutOfMemory) {
        events.publish(new TaskEvent.OutOfMemory(request.id()));
      }
      early.ifPresent(this::stop);
    } finally {
      lock.unlock();
    }
  }

  private void outOfMemory() {
    lock.lock();
    try {
      if (starting) {
        earlyOutOfMemory = true;
      } else if (!(state instanceof Stopped)) {
        events.publish(new TaskEvent.OutOfMemory(request.id()));
      }
    } finally {
      lock.unlock();
    }
  }

  private void ended(Exit exited) {
    lock.lock();
    try {
      if (starting) {
        early = Optional.of(exited);
      } else {
        stop(exited);
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void stop(Exit exited) {
    if (state instanceof Stopped) {
      return; // the first exit is the exit
    }
    state = new Stopped(exited);
    events.publish(new TaskEvent.Exited(request.id(), container.pid(), exited));
    exit.complete(exited);
  }

  /// An engine may have no exit to tell of what never ran; then its end is now.
  private void endUnstarted() throws InterruptedException, ExecutionException {
    try {
      exit.get(
          container.exited().isDone() ? DRAIN.toMillis() : UNSTARTED_EXIT.toMillis(),
          TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      ended(new Exit(KILLED, clock.instant()));
    }
  }
}
