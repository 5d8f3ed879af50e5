package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Exit;
import java.nio.file.Path;

/// Keeps what containerd's later `delete` call will want to know of a container that is gone by
/// then.
@FunctionalInterface
public interface Tombstones {
  /// Leaves the answer in the bundle. What fails is the keeper's to log: the container is gone
  /// either way.
  void leave(Path bundle, int pid, Exit exit);
}
