package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.task.TaskState.Paused;
import dev.krustlet.shim.task.TaskState.Running;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// The life of one process, init or exec: its moves from state to state, one at a time. A move
/// calls the engine and may take long; [States] holds what it leads to.
final class Life {
  /// What the engine does for a change of state.
  @FunctionalInterface
  interface Move {
    void make() throws TaskException, InterruptedException;
  }

  private final States states;
  private final ReentrantLock moves = new ReentrantLock();

  /// @param name how messages call the process
  Life(String name, Consumer<Exit> tellExit) {
    this.states = new States(name, tellExit);
  }

  States states() {
    return states;
  }

  TaskState state() {
    return states.now();
  }

  /// Blocks until the end; answers at once after it.
  Exit await() throws InterruptedException {
    try {
      return states.exit().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an exit never fails", e);
    }
  }

  void start(Move move, Runnable told) throws TaskException, InterruptedException {
    moves.lock();
    try {
      states.beginStart();
      boolean started = false;
      try {
        move.make();
        started = true;
      } finally {
        states.finishStart(started, told);
      }
    } finally {
      moves.unlock();
    }
  }

  void pause(Move move, Runnable told) throws TaskException, InterruptedException {
    shift("pause", new Running(), new Paused(), move, told);
  }

  void resume(Move move, Runnable told) throws TaskException, InterruptedException {
    shift("resume", new Paused(), new Running(), move, told);
  }

  /// Releases what the process holds; it has ended or was never started.
  void release(Move move) throws TaskException, InterruptedException {
    moves.lock();
    try {
      var now = state();
      if (now instanceof Running || now instanceof Paused) {
        throw states.wrong("delete", now);
      }
      move.make();
    } finally {
      moves.unlock();
    }
  }

  private void shift(String verb, TaskState from, TaskState to, Move move, Runnable told)
      throws TaskException, InterruptedException {
    moves.lock();
    try {
      var now = state();
      if (!now.equals(from)) {
        throw states.wrong(verb, now);
      }
      move.make();
      states.shift(to, told);
    } finally {
      moves.unlock();
    }
  }
}
