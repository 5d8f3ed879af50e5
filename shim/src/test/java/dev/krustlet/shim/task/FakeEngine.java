package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.Spec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// An engine whose containers end when the test says so.
public final class FakeEngine implements Engine {
  public static final Instant NOON = Instant.parse("2026-06-01T12:00:00.123456789Z");

  private final Map<String, FakeContainer> containers = new ConcurrentHashMap<>();
  private final AtomicInteger pids = new AtomicInteger(100);

  public static ContainerRequest request(String id, Path bundle) {
    var spec = new Spec(null, null, null, null, null, null);
    return new ContainerRequest(id, bundle, spec, List.of(), Stdio.NONE, RuntimeOptions.DEFAULT);
  }

  public FakeContainer container(String id) {
    return Objects.requireNonNull(containers.get(id));
  }

  @Override
  public Container create(ContainerRequest request) throws TaskException {
    if (request.id().startsWith("bad")) {
      throw new TaskException(Code.INVALID_ARGUMENT, "exec `/nope`: no such file");
    }
    var container = new FakeContainer(pids.incrementAndGet());
    containers.put(request.id(), container);
    return container;
  }

  @Override
  public void close() {}

  /// A container that does what it is told.
  public static final class FakeContainer implements Container {
    public final CompletableFuture<Exit> exited = new CompletableFuture<>();
    public final CompletableFuture<Void> oom = new CompletableFuture<>();
    public volatile Runnable onStart = () -> {};
    public volatile boolean deleted;
    private final int pid;

    FakeContainer(int pid) {
      this.pid = pid;
    }

    public void end(int status) {
      exited.complete(new Exit(status, NOON));
    }

    @Override
    public int pid() {
      return pid;
    }

    @Override
    public void start() {
      onStart.run();
    }

    @Override
    public CompletableFuture<Exit> exited() {
      return exited;
    }

    @Override
    public CompletableFuture<Void> oomKilled() {
      return oom;
    }

    @Override
    public void kill(int signal, boolean all) {
      end(128 + signal);
    }

    @Override
    public List<Integer> pids() {
      return List.of(pid);
    }

    @Override
    public void closeStdin() {}

    @Override
    public Stats stats() {
      return new Stats(
          new Stats.Cpu(3000, 2000, 1000, 1, 2, 3),
          new Stats.Memory(10, 0, 12, 8, 3, 2, 5, 1, 4, 6),
          new Stats.Pids(1, 0));
    }

    @Override
    public void delete() {
      deleted = true;
    }
  }
}
