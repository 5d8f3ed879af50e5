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
import dev.krustlet.shim.engine.LeftoverException;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.os.HeldFifos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A guest in an engine process, a container's first one or an exec: the calls about it, and its
/// end.
final class EngineGuest implements EngineProcess.Guest {
  private static final Logger LOG = LoggerFactory.getLogger(EngineGuest.class);
  private static final Executor SETTLERS = work -> Thread.ofVirtual().name("wasm-exit").start(work);

  private final EngineProcess engine;
  private final String id;
  private final String name;
  private final HeldFifos outputs;
  private final Runnable oomKilled;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final CompletableFuture<Exit> exited = new CompletableFuture<>();

  /// @param id what the engine calls it
  private EngineGuest(EngineProcess engine, String id, HeldFifos outputs, Runnable oomKilled) {
    this.engine = engine;
    this.id = id;
    this.name = Incarnations.plain(id);
    this.outputs = outputs;
    this.oomKilled = oomKilled;
  }

  /// A guest with the engine's word for where it lives.
  record Created(EngineGuest guest, int pid) {}

  /// What makes a request for a guest: looks for its module and compiles it if need be.
  @FunctionalInterface
  interface Recipe {
    CreateRequest request() throws TaskException, InterruptedException;
  }

  /// Has the engine make a guest. The compiled code may be removed after it was found and before
  /// the engine opened it; then it is compiled once more.
  ///
  /// @param wanted what the recipe gave before
  /// @param oomKilled is run before the exit is told, if it ended for want of memory
  static Created create(
      EngineProcess engine, CreateRequest wanted, Recipe recipe, Runnable oomKilled)
      throws TaskException, InterruptedException {
    try {
      return create(engine, wanted, oomKilled);
    } catch (TaskException e) {
      if (Files.exists(Path.of(wanted.getCompiledPath()))) {
        throw e;
      }
      LOG.info(
          "the code of guest {} was removed before it was loaded",
          Incarnations.plain(wanted.getId()),
          e);
      return create(engine, recipe.request(), oomKilled);
    }
  }

  /// Has the engine make a guest, under a name that it never had before.
  private static Created create(EngineProcess engine, CreateRequest wanted, Runnable oomKilled)
      throws TaskException, InterruptedException {
    var request = wanted.toBuilder().setId(engine.incarnation(wanted.getId())).build();
    var guest = new EngineGuest(engine, request.getId(), outputs(request), oomKilled);
    engine.exits().register(guest.id, guest); // first, for it may end at once with its container
    try {
      int pid = engine.call("Create", request, CreateResponse.parser()).getPid();
      if (Thread.interrupted()) {
        throw new InterruptedException("nobody waits any more for guest " + guest.name);
      }
      return new Created(guest, pid);
    } catch (TaskException | InterruptedException | RuntimeException | Error e) {
      guest.discard(e); // an engine that was late may have made it
      engine.exits().forget(guest.id);
      guest.letGo();
      throw e;
    }
  }

  private static HeldFifos outputs(CreateRequest request) throws TaskException {
    var stdio = request.getStdio();
    try {
      return HeldFifos.of(
          Stream.of(stdio.getStdout(), stdio.getStderr())
              .filter(path -> !path.isEmpty())
              .map(Path::of)
              .toList());
    } catch (IOException e) {
      throw new TaskException(Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void ended(NextExitResponse exit) {
    if (ended.compareAndSet(false, true)) {
      if (!exit.getCause().isEmpty()) {
        LOG.info("guest {}: {}", name, exit.getCause());
      }
      try {
        if (exit.getOomKilled()) {
          oomKilled.run();
        }
      } finally {
        settle(new Exit(exit.getExitStatus(), Instant.ofEpochSecond(0, exit.getExitedAtNs())));
      }
    }
  }

  @Override
  public void lost(String cause) {
    if (ended.compareAndSet(false, true)) {
      LOG.warn("guest {} is lost: {}", name, cause);
      settle(Exit.killed(Instant.now()));
    }
  }

  /// Tells the exit when the reader has what the guest wrote. Does not keep the caller waiting, who
  /// has the exits of others to tell.
  private void settle(Exit exit) {
    SETTLERS.execute(() -> {
      try {
        outputs.letGo();
      } catch (IOException e) {
        LOG.warn("after the exit of guest {}", name, e);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } finally {
        exited.complete(exit);
      }
    });
  }

  /// What the engine calls it.
  String id() {
    return id;
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

  /// Ends it too if it never ran: nobody is left then who could tell its exit.
  void delete() throws TaskException, InterruptedException {
    try {
      engine.call("Delete", DeleteRequest.newBuilder().setId(id).build(), DeleteResponse.parser());
    } catch (TaskException e) {
      if (e.code() != Code.NOT_FOUND && e.code() != Code.UNAVAILABLE) {
        throw e; // else it is gone already, alone or with its engine
      }
    }
    engine.exits().forget(id);
    if (ended.compareAndSet(false, true)) {
      exited.complete(Exit.killed(Instant.now()));
    }
    letGo();
  }

  /// Of what is held still if it never ran.
  private void letGo() {
    try {
      outputs.close();
    } catch (IOException e) {
      LOG.warn("cannot close the outputs of guest {}", name, e);
    }
  }

  /// Deletes a guest that could not be started.
  ///
  /// @param cause takes note of what stands in the way
  void discard(Throwable cause) {
    boolean interrupted = Thread.interrupted(); // the engine is asked also for one who leaves
    try {
      delete();
    } catch (TaskException e) {
      LeftoverException.note(cause, e);
    } catch (InterruptedException e) {
      LeftoverException.note(cause, e);
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
