package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Exit;
import java.nio.file.Path;

/// Keeps what containerd's later `delete` call will want to know of a container that is gone by
/// then.
@FunctionalInterface
public interface Tombstones {
  /// How far it has come with a container.
  enum Stage {
    /// It has ended. Perhaps nobody is there any more to tell how when it is deleted.
    ENDED,
    /// It is deleted, or was never made: nothing is left of it.
    DELETED
  }

  /// Leaves the answer in the bundle. What fails is the keeper's to log.
  void leave(Stage stage, Path bundle, int pid, Exit exit);
}
