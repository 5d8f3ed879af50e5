package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TerminalSize;

/// One process of a task: its init, or an exec.
public interface TaskProcess {
  /// Lets it run.
  ///
  /// @return its pid
  int start() throws TaskException, InterruptedException;

  TaskView view();

  /// Blocks until the end; answers at once after it.
  Exit await() throws InterruptedException;

  /// @param all to every process of the container; nothing to an exec
  void kill(int signal, boolean all) throws TaskException, InterruptedException;

  /// Nothing happens to what has no terminal or does not run.
  void resize(TerminalSize size) throws TaskException, InterruptedException;

  void closeStdin() throws TaskException, InterruptedException;
}
