package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.CloseIORequest;
import dev.krustlet.proto.engine.v1.CloseIOResponse;
import dev.krustlet.proto.engine.v1.CreateRequest;
import dev.krustlet.proto.engine.v1.CreateResponse;
import dev.krustlet.proto.engine.v1.DeleteRequest;
import dev.krustlet.proto.engine.v1.DeleteResponse;
import dev.krustlet.proto.engine.v1.NextExitResponse;
import dev.krustlet.proto.engine.v1.SignalRequest;
import dev.krustlet.proto.engine.v1.SignalResponse;
import dev.krustlet.proto.engine.v1.StartRequest;
import dev.krustlet.proto.engine.v1.StartResponse;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A guest in an engine process, a container's first one or an exec: the calls about it, and its
/// end.
final class EngineGuest implements EngineProcess.Guest {
  private static final Logger LOG = LoggerFactory.getLogger(EngineGuest.class);
  private static final int KILLED = 137;

  private final EngineProcess engine;
  private final String id;
  private final Runnable oomKilled;
  private final CompletableFuture<Exit> exited = new CompletableFuture<>();

  private EngineGuest(EngineProcess engine, String id, Runnable oomKilled) {
    this.engine = engine;
    this.id = id;
    this.oomKilled = oomKilled;
  }

  /// A guest with the engine's word for where it lives.
  record Created(EngineGuest guest, int pid) {}

  /// Has the engine make a guest.
  ///
  /// @param oomKilled is run before the exit is told, if it ended for want of memory
  static Created create(EngineProcess engine, CreateRequest request, Runnable oomKilled)
      throws TaskException, InterruptedException {
    var guest = new EngineGuest(engine, request.getId(), oomKilled);
    engine.register(request.getId(), guest); // first, for it may end at once with its container
    try {
      int pid = engine.call("Create", request, CreateResponse.parser()).getPid();
      return new Created(guest, pid);
    } catch (TaskException | InterruptedException e) {
      engine.forget(request.getId());
      throw e;
    }
  }

  @Override
  public void ended(NextExitResponse exit) {
    if (!exit.getCause().isEmpty()) {
      LOG.info("guest {}: {}", id, exit.getCause());
    }
    if (exit.getOomKilled()) {
      oomKilled.run();
    }
    exited.complete(new Exit(exit.getExitStatus(), Instant.ofEpochSecond(0, exit.getExitedAtNs())));
  }

  @Override
  public void lost(String cause) {
    if (exited.complete(new Exit(KILLED, Instant.now()))) {
      LOG.warn("guest {} is lost: {}", id, cause);
    }
  }

  CompletableFuture<Exit> exited() {
    return exited;
  }

  void start() throws TaskException, InterruptedException {
    engine.call("Start", StartRequest.newBuilder().setId(id).build(), StartResponse.parser());
  }

  /// @param all to every guest of its container as well
  void signal(int signal, boolean all) throws TaskException, InterruptedException {
    engine.call(
        "Signal",
        SignalRequest.newBuilder().setId(id).setSignal(signal).setAll(all).build(),
        SignalResponse.parser());
  }

  void closeStdin() throws TaskException, InterruptedException {
    engine.call("CloseIO", CloseIORequest.newBuilder().setId(id).build(), CloseIOResponse.parser());
  }

  void delete() throws TaskException, InterruptedException {
    try {
      engine.call("Delete", DeleteRequest.newBuilder().setId(id).build(), DeleteResponse.parser());
    } catch (TaskException e) {
      if (e.code() != Code.NOT_FOUND && e.code() != Code.UNAVAILABLE) {
        throw e; // else it is gone already, alone or with its engine
      }
    }
    engine.forget(id);
  }

  /// Deletes a guest that could not be started.
  ///
  /// @param cause takes note of what stands in the way
  void discard(Exception cause) {
    try {
      delete();
    } catch (TaskException e) {
      cause.addSuppressed(e);
    } catch (InterruptedException e) {
      cause.addSuppressed(e);
      Thread.currentThread().interrupt();
    }
  }
}
