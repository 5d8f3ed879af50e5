package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// All that read containers' outputs, as containerd does: they stand still when it does, and when
/// it ends they let go.
final class Readers {
  private enum State {
    READING,
    STILL,
    GONE
  }

  private final Set<Output> outputs = ConcurrentHashMap.newKeySet();
  private State state = State.READING; // under this

  void add(Output output) {
    outputs.add(output);
  }

  void remove(Output output) {
    outputs.remove(output);
  }

  /// Nobody reads from now on, though all keep their fifos open.
  synchronized void standStill() {
    state = State.STILL;
  }

  /// All close their fifos.
  void leave() throws IOException {
    synchronized (this) {
      state = State.GONE;
    }
    for (Output each : outputs) {
      each.letGo();
    }
  }

  synchronized void comeBack() {
    state = State.READING;
    notifyAll();
  }

  /// Waits while readers may not read.
  synchronized void awaitTurn() throws InterruptedException {
    while (state != State.READING) {
      wait();
    }
  }

  synchronized boolean areGone() {
    return state == State.GONE;
  }
}
