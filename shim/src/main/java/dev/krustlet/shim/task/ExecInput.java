package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TerminalSize;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The size of an exec's terminal and the end of its stdin. A client may be quicker than the start:
/// what it asks for before is done right after.
final class ExecInput {
  private static final Logger LOG = LoggerFactory.getLogger(ExecInput.class);

  private final ExecProcess process;
  private final AtomicReference<Optional<TerminalSize>> size =
      new AtomicReference<>(Optional.empty());
  private final AtomicBoolean stdinClosed = new AtomicBoolean();

  ExecInput(ExecProcess process) {
    this.process = process;
  }

  void resize(TerminalSize wanted, boolean running) throws TaskException, InterruptedException {
    size.set(Optional.of(wanted));
    if (running) {
      process.resize(wanted);
    }
  }

  void closeStdin(boolean running) throws TaskException, InterruptedException {
    stdinClosed.set(true);
    if (running) {
      process.closeStdin();
    }
  }

  /// It runs now.
  void catchUp() throws InterruptedException {
    try {
      var wanted = size.get();
      if (wanted.isPresent()) {
        process.resize(wanted.get());
      }
      if (stdinClosed.get()) {
        process.closeStdin();
      }
    } catch (TaskException e) {
      LOG.debug("an exec ended before its input was set up", e);
    }
  }
}
