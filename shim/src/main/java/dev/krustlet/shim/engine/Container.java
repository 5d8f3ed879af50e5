package dev.krustlet.shim.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/// One container of any kind, from its creation until [#delete].
///
/// The caller serialises `start` and `delete`; everything else may be called at any time from any
/// thread.
public interface Container {
  /// The process (or guest thread) id: unique on the node while the container lives, never 0.
  int pid();

  /// Lets the created container run.
  void start() throws TaskException, InterruptedException;

  /// Completes once, when the container has ended and every byte it wrote has been handed to its
  /// stdio, whose descriptors are closed by then. Never completes exceptionally.
  CompletableFuture<Exit> exited();

  /// Completes when the container met its memory limit and was ended for it; before [#exited] does.
  CompletableFuture<Void> oomKilled();

  /// Sends a Linux signal to the init process, or to every process of the container.
  ///
  /// @throws TaskException `NOT_FOUND` if it has ended
  void kill(int signal, boolean all) throws TaskException, InterruptedException;

  /// The processes of the container, init first; not empty while it lives.
  List<Integer> pids() throws TaskException, InterruptedException;

  /// Closes our end of the container's stdin, so that it reads EOF once other writers are gone.
  void closeStdin() throws TaskException, InterruptedException;

  /// Figures as of now; answers also between the exit and [#delete].
  Stats stats() throws TaskException, InterruptedException;

  /// Releases everything the container holds (mounts, cgroups, descriptors, files). The container
  /// has ended or never ran; one that was created and not started is ended. Idempotent.
  void delete() throws TaskException, InterruptedException;
}
