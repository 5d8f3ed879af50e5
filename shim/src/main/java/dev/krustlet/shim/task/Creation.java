package dev.krustlet.shim.task;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;

/// A container on its way. Whoever deletes it meanwhile waits until its creation has ended, which
/// takes it away again.
final class Creation {
  private enum Fate {
    OPEN,
    KEPT,
    DOOMED
  }

  private final AtomicReference<Fate> fate = new AtomicReference<>(Fate.OPEN);
  private final CompletableFuture<Optional<Deleted>> end = new CompletableFuture<>();

  /// The container is made and stays, unless somebody deletes it by now.
  boolean keep() {
    return fate.compareAndSet(Fate.OPEN, Fate.KEPT);
  }

  /// Nobody wants the container any more.
  ///
  /// @return false if it stays nevertheless, for its creation came first
  boolean doom() {
    return fate.compareAndSet(Fate.OPEN, Fate.DOOMED) || fate.get() == Fate.DOOMED;
  }

  /// @param deleted what is left of it, if it was made and is deleted
  void ended(Optional<Deleted> deleted) {
    end.complete(deleted);
  }

  Optional<Deleted> awaitEnd() throws InterruptedException {
    try {
      return end.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an end never fails", e);
    }
  }
}
