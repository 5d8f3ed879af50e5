package dev.krustlet.shim.engine.wasm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.krustlet.proto.engine.v1.CreateRequest;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.modules.ModuleCache;
import dev.krustlet.shim.policy.NodePolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Wasm containers, each a guest in an engine process. One process serves the node; when it has
/// died, the next container gets a new one.
public final class WasmEngine implements Engine {
  private record Running(EngineProcess process, ModuleCache cache) {}

  private static final Logger LOG = LoggerFactory.getLogger(WasmEngine.class);

  private final EngineProgram program;
  private final Path sockets;
  private final Path cache;
  private final long cacheBytes;
  private final NodePolicy policy;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private Optional<Running> running = Optional.empty();

  @GuardedBy("lock")
  private int started;

  @GuardedBy("lock")
  private boolean closed;

  /// Makes an engine that starts its process when it is first needed.
  ///
  /// @param sockets a directory of our own
  /// @param cache of compiled modules
  /// @param policy what guests may do
  public WasmEngine(
      EngineProgram program, Path sockets, Path cache, long cacheBytes, NodePolicy policy) {
    this.program = program;
    this.sockets = sockets;
    this.cache = cache;
    this.cacheBytes = cacheBytes;
    this.policy = policy;
  }

  /// Starts the process.
  @Override
  public void warm() throws InterruptedException {
    try {
      engine();
    } catch (TaskException | IOException e) {
      LOG.warn("cannot start the engine ahead of need", e);
    }
  }

  @Override
  public Container create(ContainerRequest request) throws TaskException, InterruptedException {
    try {
      Running engine = engine();
      var root = new WasmRoot(request.root(), engine.cache(), WasmPolicy.of(request, policy));
      WasmSpec.check(request);
      UserNamespace.refuse(request);
      WasmMounts.make(request); // first, for the module may lie on a volume
      CreateRequest guest = root.first(request);
      var hooks = new LifeHooks(program, request);
      return WasmContainer.create(root, engine.process(), guest, () -> again(root, request), hooks);
    } catch (IOException e) {
      throw cannotCreate(request, e);
    }
  }

  private static CreateRequest again(WasmRoot root, ContainerRequest request)
      throws TaskException, InterruptedException {
    try {
      return root.first(request);
    } catch (IOException e) {
      throw cannotCreate(request, e);
    }
  }

  private static TaskException cannotCreate(ContainerRequest request, IOException e) {
    return new TaskException(
        Code.UNKNOWN, "cannot create container %s: %s".formatted(request.id(), e.getMessage()), e);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      running.ifPresent(r -> r.process().close());
    } finally {
      lock.unlock();
    }
  }

  private Running engine() throws TaskException, IOException, InterruptedException {
    lock.lockInterruptibly(); // another caller may wait for the start of a process
    try {
      if (closed) {
        throw new TaskException(Code.UNAVAILABLE, "the daemon is leaving");
      }
      if (running.isEmpty() || !running.get().process().lives()) {
        running = Optional.of(start(sockets.resolve("engine-" + started++ + ".sock")));
      }
      return running.get();
    } finally {
      lock.unlock();
    }
  }

  private Running start(Path socket) throws TaskException, IOException, InterruptedException {
    var process = EngineProcess.start(program, socket);
    boolean useful = false;
    try {
      var opened = opened(process.hash());
      useful = true;
      return new Running(process, opened);
    } finally {
      if (!useful) {
        process.close();
      }
    }
  }

  private ModuleCache opened(String engineHash) throws TaskException {
    try {
      return ModuleCache.open(cache, engineHash, program, cacheBytes);
    } catch (IOException e) {
      throw new TaskException(
          Code.UNAVAILABLE,
          "the cache of compiled modules %s cannot be used (%s); `cache_dir` in the node's settings"
                  .formatted(cache, e)
              + " names its directory",
          e);
    }
  }
}
