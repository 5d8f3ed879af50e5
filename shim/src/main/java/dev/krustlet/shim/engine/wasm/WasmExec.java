package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.CreateRequest;
import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.TerminalSize;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A further guest in a wasm container. The engine hears of it when it starts, so that one that
/// never does cannot end with its container.
final class WasmExec implements ExecProcess {
  private final WasmContainer container;
  private final CreateRequest request;
  private final EngineGuest.Recipe recipe;
  private final CompletableFuture<Exit> exited = new CompletableFuture<>();
  private volatile Optional<EngineGuest> guest = Optional.empty(); // set once by start

  /// @param recipe what the request was made by
  WasmExec(WasmContainer container, CreateRequest request, EngineGuest.Recipe recipe) {
    this.container = container;
    this.request = request;
    this.recipe = recipe;
  }

  @Override
  public int start() throws TaskException, InterruptedException {
    var created = container.join(request, recipe);
    try {
      created.guest().start();
    } catch (TaskException | InterruptedException | RuntimeException | Error e) {
      container.left(created);
      created.guest().discard(e);
      throw e;
    }
    guest = Optional.of(created.guest());
    var _ =
        created
            .guest()
            .exited()
            .thenAccept(exit -> {
              container.left(created);
              exited.complete(exit);
            });
    return created.pid();
  }

  @Override
  public CompletableFuture<Exit> exited() {
    return exited;
  }

  @Override
  public void kill(int signal) throws TaskException, InterruptedException {
    running().signal(signal, false);
  }

  /// A guest has no terminal.
  @Override
  public void resize(TerminalSize size) {}

  @Override
  public void closeStdin() throws TaskException, InterruptedException {
    running().closeStdin();
  }

  @Override
  public void delete() throws TaskException, InterruptedException {
    if (guest.isPresent()) {
      guest.get().delete();
    }
  }

  private EngineGuest running() throws TaskException {
    return guest.orElseThrow(() ->
        new TaskException(
            Code.FAILED_PRECONDITION, "exec %s has not started".formatted(request.getId())));
  }
}
