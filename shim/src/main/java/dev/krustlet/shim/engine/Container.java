package dev.krustlet.shim.engine;

import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Resources;
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
  /// stdio, whose descriptors are closed by then; what a terminal showed may take its reader until
  /// [#delete]. Never completes exceptionally.
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

  /// Registers one more process; nothing of it has run. After an exception nothing is left.
  ///
  /// @throws TaskException `UNIMPLEMENTED` if this kind of container cannot
  default ExecProcess exec(ExecRequest request) throws TaskException, InterruptedException {
    throw cannot("run further processes (exec)");
  }

  /// Tells init's terminal how large it is; nothing happens without a terminal.
  default void resize(TerminalSize size) throws TaskException, InterruptedException {}

  /// Stops all processes where they are; they use no CPU time until [#resume]. A SIGKILL ends them
  /// nevertheless.
  default void pause() throws TaskException, InterruptedException {
    throw cannot("be paused");
  }

  default void resume() throws TaskException, InterruptedException {
    throw cannot("be resumed");
  }

  /// Changes the limits that the document names; the rest stay.
  default void update(Document<Resources> resources) throws TaskException, InterruptedException {
    throw cannot("be updated");
  }

  /// Writes the container's state to files.
  default void checkpoint(CheckpointRequest request) throws TaskException, InterruptedException {
    throw cannot("be checkpointed");
  }

  private static TaskException cannot(String what) {
    return new TaskException(Code.UNIMPLEMENTED, "this kind of container cannot " + what);
  }

  /// Releases everything the container holds (mounts, cgroups, descriptors, files). The container
  /// has ended or never ran; one that was created and not started is ended. Idempotent.
  void delete() throws TaskException, InterruptedException;
}
