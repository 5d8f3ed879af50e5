package dev.krustlet.shim.engine;

import java.util.concurrent.CompletableFuture;

/// One more process in a container, from its registration until [#delete].
///
/// The caller serialises `start` and `delete`, starts once, and kills what still runs when the
/// container's init has ended; everything but `start` and `delete` is called only while it runs.
public interface ExecProcess {
  /// Runs it. After an exception nothing of it runs.
  ///
  /// @return the process (or guest thread) id, never 0
  int start() throws TaskException, InterruptedException;

  /// Completes once, when the process has ended and every byte it wrote has been handed to its
  /// stdio, whose descriptors are closed by then; what a terminal showed may take its reader until
  /// [#delete]. Never completes exceptionally, and never if it was not started.
  CompletableFuture<Exit> exited();

  /// Sends a Linux signal.
  ///
  /// @throws TaskException `NOT_FOUND` if it has ended
  void kill(int signal) throws TaskException, InterruptedException;

  /// Tells its terminal how large it is; nothing happens without a terminal.
  void resize(TerminalSize size) throws TaskException, InterruptedException;

  /// Closes our end of its stdin, so that it reads EOF once other writers are gone.
  void closeStdin() throws TaskException, InterruptedException;

  /// Releases what is left of a process that has ended or never started. Idempotent.
  void delete() throws TaskException, InterruptedException;
}
