package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.CheckpointRequest;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.LeftoverException;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.Stats.Memory.PageFaults;
import dev.krustlet.shim.engine.Stats.Memory.Pages;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Resources;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.Spec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// An engine whose containers end when the test says so.
public final class FakeEngine implements Engine {
  public static final Instant NOON = Instant.parse("2026-06-01T12:00:00.123456789Z");

  private final Map<String, FakeContainer> containers = new ConcurrentHashMap<>();
  private final AtomicInteger pids = new AtomicInteger(100);

  /// What happens while a container is made.
  public volatile Runnable creating = () -> {};

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
      var refusal = new TaskException(Code.INVALID_ARGUMENT, "exec `/nope`: no such file");
      if (request.id().endsWith("-left")) {
        LeftoverException.note(refusal, new IOException("no process to clean with"));
      }
      throw refusal;
    }
    creating.run();
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
    public volatile boolean immortal;
    public final List<String> calls = new CopyOnWriteArrayList<>();
    private final Map<String, FakeExec> execs = new ConcurrentHashMap<>();
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
      calls.add("kill " + signal);
      if (!immortal) {
        end(128 + signal);
      }
    }

    @Override
    public List<Integer> pids() {
      return Stream.concat(
              Stream.of(pid),
              IntStream.rangeClosed(1, execs.size()).map(i -> pid * 1000 + i).boxed())
          .toList();
    }

    public FakeExec exec(String id) {
      return Objects.requireNonNull(execs.get(id));
    }

    @Override
    public ExecProcess exec(ExecRequest request) {
      return execs.computeIfAbsent(
          request.id(), _ -> new FakeExec(request, pid * 1000 + execs.size() + 1));
    }

    @Override
    public void resize(TerminalSize size) {
      calls.add("resize %d,%d".formatted(size.columns(), size.rows()));
    }

    @Override
    public void pause() {
      calls.add("pause");
    }

    @Override
    public void resume() {
      calls.add("resume");
    }

    @Override
    public void update(Document<Resources> resources) {
      calls.add("update " + resources.json());
    }

    @Override
    public void checkpoint(CheckpointRequest request) {
      calls.add("checkpoint " + request.images());
    }

    @Override
    public void closeStdin() {
      calls.add("closeStdin");
    }

    @Override
    public Stats stats() {
      return new Stats(
          new Stats.Cpu(3000, 2000, 1000, 1, 2, 3),
          new Stats.Memory(10, 0, 12, new Pages(8, 3, 2), new PageFaults(5, 1), 4, 6),
          new Stats.Pids(1, 0));
    }

    @Override
    public void delete() {
      deleted = true;
    }
  }
}
