package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.Program;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;

/// Stands where an installation has no engine for a kind of container.
///
/// @param why the sentence that each of them is refused with
public record AbsentEngine(String why) implements Engine {
  @Override
  public Container create(ContainerRequest request) throws TaskException {
    throw new TaskException(
        Code.FAILED_PRECONDITION,
        "container %s cannot run `%s`: %s"
            .formatted(request.id(), request.program().map(Program::path).orElse(""), why));
  }

  @Override
  public void close() {}
}
