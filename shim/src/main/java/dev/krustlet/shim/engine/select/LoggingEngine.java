package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.TaskException;

/// An engine whose containers and execs may also write to a program, by a `binary://` URI.
public final class LoggingEngine implements Engine {
  private final Engine engine;
  private final String namespace;

  /// @param namespace containerd's, which the programs are told
  public LoggingEngine(Engine engine, String namespace) {
    this.engine = engine;
    this.namespace = namespace;
  }

  @Override
  public Container create(ContainerRequest request) throws TaskException, InterruptedException {
    var outputs = new Outputs(request.bundle(), namespace);
    Output output = outputs.open(request.stdio(), "init", request.id());
    try {
      var container = engine.create(request.writing(output.stdio()));
      return new LoggedContainer(container, output, outputs);
    } catch (TaskException | InterruptedException | RuntimeException | Error e) {
      output.close();
      throw e;
    }
  }

  @Override
  public void close() {
    engine.close();
  }
}
