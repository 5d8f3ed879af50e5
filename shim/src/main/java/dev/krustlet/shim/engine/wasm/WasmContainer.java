package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.CreateRequest;
import dev.krustlet.proto.engine.v1.PauseRequest;
import dev.krustlet.proto.engine.v1.PauseResponse;
import dev.krustlet.proto.engine.v1.ResumeRequest;
import dev.krustlet.proto.engine.v1.ResumeResponse;
import dev.krustlet.proto.engine.v1.StatsRequest;
import dev.krustlet.proto.engine.v1.StatsResponse;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Signals;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Resources;
import dev.krustlet.shim.os.Loopback;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// A guest in an engine process, and those that exec brings beside it.
final class WasmContainer implements Container {

  private final WasmRoot root;
  private final EngineProcess engine;
  private final String id;
  private final WasmLimits limits;
  private final LifeHooks hooks;
  private final CompletableFuture<Void> oomKilled = new CompletableFuture<>();
  private final EngineGuest.Created first;
  private final Set<EngineGuest.Created> execs = ConcurrentHashMap.newKeySet();
  private volatile StatsResponse seen = StatsResponse.getDefaultInstance(); // if the engine goes

  private WasmContainer(
      WasmRoot root,
      EngineProcess engine,
      CreateRequest guest,
      EngineGuest.Recipe recipe,
      LifeHooks hooks)
      throws TaskException, InterruptedException {
    this.root = root;
    this.hooks = hooks;
    this.engine = engine;
    this.first = EngineGuest.create(engine, guest, recipe, () -> oomKilled.complete(null));
    this.id = first.guest().id();
    this.limits = new WasmLimits(engine, id, guest.getLimits());
  }

  /// @param recipe what the request was made by
  static WasmContainer create(
      WasmRoot root,
      EngineProcess engine,
      CreateRequest guest,
      EngineGuest.Recipe recipe,
      LifeHooks hooks)
      throws TaskException, IOException, InterruptedException {
    var container = new WasmContainer(root, engine, guest, recipe, hooks);
    try {
      if (guest.getNewNetwork()) {
        Loopback.raise(container.pid());
      }
      hooks.created(container.pid());
      return container;
    } catch (TaskException | IOException | InterruptedException | RuntimeException | Error e) {
      container.first.guest().discard(e);
      hooks.stopped();
      throw e;
    }
  }

  @Override
  public int pid() {
    return first.pid();
  }

  @Override
  public void start() throws TaskException, InterruptedException {
    first.guest().start();
    try {
      hooks.started(pid());
    } catch (TaskException | InterruptedException | RuntimeException | Error e) {
      end(e);
      throw e;
    }
  }

  /// As runc does with a container whose poststart hooks failed.
  private void end(Throwable cause) throws InterruptedException {
    try {
      first.guest().signal(Signals.KILL, true);
    } catch (TaskException e) {
      cause.addSuppressed(e); // it has ended by itself
    }
  }

  @Override
  public CompletableFuture<Exit> exited() {
    return first.guest().exited();
  }

  @Override
  public CompletableFuture<Void> oomKilled() {
    return oomKilled;
  }

  @Override
  public void kill(int signal, boolean all) throws TaskException, InterruptedException {
    first.guest().signal(signal, all);
  }

  @Override
  public List<Integer> pids() {
    return Stream.concat(Stream.of(first), execs.stream()).map(EngineGuest.Created::pid).toList();
  }

  @Override
  public void closeStdin() throws TaskException, InterruptedException {
    first.guest().closeStdin();
  }

  @Override
  public ExecProcess exec(ExecRequest request) throws TaskException, InterruptedException {
    return new WasmExec(this, root.exec(id, request), () -> root.exec(id, request));
  }

  /// Makes a guest of an exec.
  EngineGuest.Created join(CreateRequest request, EngineGuest.Recipe recipe)
      throws TaskException, InterruptedException {
    var created = EngineGuest.create(engine, request, recipe, () -> oomKilled.complete(null));
    execs.add(created);
    return created;
  }

  /// A guest of an exec has ended.
  void left(EngineGuest.Created exec) {
    execs.remove(exec);
  }

  @Override
  public void pause() throws TaskException, InterruptedException {
    engine.call("Pause", PauseRequest.newBuilder().setId(id).build(), PauseResponse.parser());
  }

  @Override
  public void resume() throws TaskException, InterruptedException {
    engine.call("Resume", ResumeRequest.newBuilder().setId(id).build(), ResumeResponse.parser());
  }

  @Override
  public void update(Document<Resources> resources) throws TaskException, InterruptedException {
    limits.update(resources.value());
  }

  @Override
  public Stats stats() throws TaskException, InterruptedException {
    try {
      var request = StatsRequest.newBuilder().setId(id).build();
      seen = engine.call("Stats", request, StatsResponse.parser());
    } catch (TaskException e) {
      if (e.code() != Code.UNAVAILABLE || !exited().isDone()) {
        throw e;
      }
    }
    return WasmStats.of(seen);
  }

  @Override
  public void delete() throws TaskException, InterruptedException {
    first.guest().delete();
    hooks.stopped();
  }
}
