package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.TaskException;

/// A container together with what takes its output, and that of its execs.
final class LoggedContainer extends Delegate {
  private final Output output;
  private final Outputs outputs;

  LoggedContainer(Container container, Output output, Outputs outputs) {
    super(container);
    this.output = output;
    this.outputs = outputs;
    var _ = container.exited().thenRun(output::letGo);
  }

  @Override
  public ExecProcess exec(ExecRequest wanted) throws TaskException, InterruptedException {
    Output its = outputs.open(wanted.stdio(), "exec-" + wanted.id(), wanted.id());
    try {
      return new LoggedExec(super.exec(wanted.writing(its.stdio())), its);
    } catch (TaskException | InterruptedException | RuntimeException | Error e) {
      its.close();
      throw e;
    }
  }

  @Override
  public void delete() throws TaskException, InterruptedException {
    super.delete();
    output.close();
  }
}
