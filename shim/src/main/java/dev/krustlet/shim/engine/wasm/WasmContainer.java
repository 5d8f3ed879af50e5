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
import dev.krustlet.proto.engine.v1.StatsRequest;
import dev.krustlet.proto.engine.v1.StatsResponse;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A guest in an engine process.
final class WasmContainer implements Container, EngineProcess.Guest {
  private static final Logger LOG = LoggerFactory.getLogger(WasmContainer.class);
  private static final int KILLED = 137;

  private final EngineProcess engine;
  private final String id;
  private final int pid;
  private final CompletableFuture<Exit> exited = new CompletableFuture<>();
  private final CompletableFuture<Void> oomKilled = new CompletableFuture<>();

  private WasmContainer(EngineProcess engine, String id, int pid) {
    this.engine = engine;
    this.id = id;
    this.pid = pid;
  }

  static WasmContainer create(EngineProcess engine, CreateRequest guest, String id)
      throws TaskException, InterruptedException {
    int pid = engine.call("Create", guest, CreateResponse.parser()).getPid();
    var container = new WasmContainer(engine, id, pid);
    engine.register(id, container);
    return container;
  }

  @Override
  public void ended(NextExitResponse exit) {
    if (!exit.getCause().isEmpty()) {
      LOG.info("container {}: {}", id, exit.getCause());
    }
    if (exit.getOomKilled()) {
      oomKilled.complete(null);
    }
    exited.complete(new Exit(exit.getExitStatus(), Instant.ofEpochSecond(0, exit.getExitedAtNs())));
  }

  @Override
  public void lost(String cause) {
    if (exited.complete(new Exit(KILLED, Instant.now()))) {
      LOG.warn("container {} is lost: {}", id, cause);
    }
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public void start() throws TaskException, InterruptedException {
    engine.call("Start", StartRequest.newBuilder().setId(id).build(), StartResponse.parser());
  }

  @Override
  public CompletableFuture<Exit> exited() {
    return exited;
  }

  @Override
  public CompletableFuture<Void> oomKilled() {
    return oomKilled;
  }

  @Override
  public void kill(int signal, boolean all) throws TaskException, InterruptedException {
    engine.call(
        "Signal",
        SignalRequest.newBuilder().setId(id).setSignal(signal).build(),
        SignalResponse.parser());
  }

  @Override
  public List<Integer> pids() {
    return List.of(pid);
  }

  @Override
  public void closeStdin() throws TaskException, InterruptedException {
    engine.call("CloseIO", CloseIORequest.newBuilder().setId(id).build(), CloseIOResponse.parser());
  }

  @Override
  public Stats stats() throws TaskException, InterruptedException {
    var q = StatsRequest.newBuilder().setId(id).build();
    StatsResponse r = engine.call("Stats", q, StatsResponse.parser());
    return new Stats(
        new Stats.Cpu(
            r.getCpuUserNs() + r.getCpuSystemNs(),
            r.getCpuUserNs(),
            r.getCpuSystemNs(),
            r.getCpuPeriods(),
            r.getCpuThrottledPeriods(),
            r.getCpuThrottledNs()),
        new Stats.Memory(
            r.getMemoryResidentBytes(),
            r.getMemoryLimitBytes(),
            r.getMemoryPeakBytes(),
            r.getMemoryResidentBytes(),
            0,
            0,
            0,
            0,
            r.getOomKills(),
            r.getMemoryRefusals()),
        new Stats.Pids(r.getThreads(), 0));
  }

  @Override
  public void delete() throws TaskException, InterruptedException {
    try {
      engine.call("Delete", DeleteRequest.newBuilder().setId(id).build(), DeleteResponse.parser());
    } catch (TaskException e) {
      if (e.code() != Code.NOT_FOUND && e.code() != Code.UNAVAILABLE) {
        throw e; // else it is gone already, alone or with its engine
      }
    }
    engine.forget(id);
  }
}
