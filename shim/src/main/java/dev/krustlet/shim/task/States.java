package dev.krustlet.shim.task;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.task.TaskState.Created;
import dev.krustlet.shim.task.TaskState.Running;
import dev.krustlet.shim.task.TaskState.Stopped;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The state of one process and what is told of its changes.
///
/// Every method takes a moment only, so that a look at a process never waits for a slow start. What
/// is told is told under the monitor, which keeps it in order; so telling only queues.
final class States {
  private final String name;
  private final Consumer<Exit> tellExit;
  private final CompletableFuture<Exit> exit = new CompletableFuture<>();
  private final CompletableFuture<Void> settled = new CompletableFuture<>();

  @GuardedBy("this")
  private TaskState state = new Created();

  @GuardedBy("this")
  private boolean starting;

  @GuardedBy("this")
  private boolean barred;

  /// What comes during a start is told after it.
  @GuardedBy("this")
  private final List<Runnable> early = new ArrayList<>();

  /// @param name how messages call the process
  States(String name, Consumer<Exit> tellExit) {
    this.name = name;
    this.tellExit = tellExit;
  }

  synchronized TaskState now() {
    return state;
  }

  /// Completes when the end was told.
  CompletableFuture<Exit> exit() {
    return exit;
  }

  synchronized void beginStart() throws TaskException {
    if (!(state instanceof Created)) {
      throw wrong("start", state);
    }
    if (barred) {
      throw new TaskException(
          Code.FAILED_PRECONDITION, "cannot start %s: its container has ended".formatted(name));
    }
    starting = true;
  }

  synchronized void finishStart(boolean started, Runnable told) {
    starting = false;
    if (started) {
      state = new Running();
      told.run();
    } else if (barred) {
      settled.complete(null);
    }
    early.forEach(Runnable::run);
    early.clear();
  }

  /// Pauses or resumes, unless the process has ended meanwhile.
  synchronized void shift(TaskState to, Runnable told) {
    if (!(state instanceof Stopped)) {
      state = to;
      told.run();
    }
  }

  /// Tells what happens to a process that has not ended, after the start that may be under way.
  synchronized void tell(Runnable what) {
    if (starting) {
      early.add(what);
    } else if (!(state instanceof Stopped)) {
      what.run();
    }
  }

  /// The first exit is the exit.
  synchronized void ended(Exit how) {
    tell(() -> stop(how));
  }

  private synchronized void stop(Exit how) {
    if (state instanceof Stopped) {
      return; // two ends came during a start, and both waited for it
    }
    state = new Stopped(how);
    tellExit.accept(how);
    exit.complete(how);
    settled.complete(null);
  }

  /// Refuses every start from now on.
  ///
  /// @return completes when nothing of this process runs and its end was told
  synchronized CompletableFuture<Void> bar() {
    barred = true;
    if (state instanceof Created && !starting) {
      settled.complete(null);
    }
    return settled;
  }

  synchronized boolean isBarred() {
    return barred;
  }

  TaskException wrong(String verb, TaskState now) {
    return new TaskException(
        Code.UNKNOWN, "cannot %s a %s process: %s".formatted(verb, now.word(), name));
  }
}
