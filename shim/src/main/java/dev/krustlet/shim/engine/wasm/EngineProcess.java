package dev.krustlet.shim.engine.wasm;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.krustlet.proto.engine.v1.InfoRequest;
import dev.krustlet.proto.engine.v1.InfoResponse;
import dev.krustlet.proto.engine.v1.NextExitResponse;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.os.Uninterrupted;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One living engine process and the guests in it. The process ends when its stdin does, so it
/// never outlives us; if it dies before, each of its guests is told once.
final class EngineProcess implements AutoCloseable {
  /// Who wants to know of a guest's end.
  interface Guest {
    /// The guest has ended by itself or by a signal.
    void ended(NextExitResponse exit);

    /// The guest is lost with its engine.
    void lost(String cause);
  }

  private static final Logger LOG = LoggerFactory.getLogger(EngineProcess.class);
  static final String SERVICE = "krustlet.engine.v1.Engine";
  private static final int PROTOCOL = 1;
  private static final CallOptions CALL = CallOptions.timeout(Duration.ofSeconds(30));
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private final Process process;
  private final Path socket;
  private final TtrpcClient client;
  private final InfoResponse info;
  private final EngineExits exits;
  private final Incarnations incarnations = new Incarnations();

  private EngineProcess(Process process, Path socket, TtrpcClient client, InfoResponse info) {
    this.process = process;
    this.socket = socket;
    this.client = client;
    this.info = info;
    this.exits = new EngineExits(process, client);
  }

  /// Starts an engine and waits until it serves.
  static EngineProcess start(EngineProgram program, Path socket)
      throws IOException, TaskException, InterruptedException {
    return start(new EngineStart(program, socket, START));
  }

  static EngineProcess start(EngineStart start)
      throws IOException, TaskException, InterruptedException {
    Process process = start.process();
    boolean serves = false;
    try {
      EngineProcess engine = connected(process, start.socket());
      serves = true;
      return engine;
    } catch (TtrpcException e) {
      throw new TaskException(
          Code.UNAVAILABLE, "the engine does not say who it is: " + e.getMessage(), e);
    } finally {
      if (!serves) {
        process.destroyForcibly();
      }
    }
  }

  private static EngineProcess connected(Process process, Path socket)
      throws IOException, TaskException, TtrpcException, InterruptedException {
    TtrpcClient client = TtrpcClient.connect(socket);
    boolean serves = false;
    try {
      InfoResponse info =
          client.call(
              SERVICE, "Info", InfoRequest.getDefaultInstance(), InfoResponse.parser(), CALL);
      check(info);
      var engine = new EngineProcess(process, socket, client, info);
      Thread.ofVirtual().name("engine-exits").start(engine::serve);
      LOG.info(
          "engine process {} with Wasmtime {} is ready", process.pid(), info.getWasmtimeVersion());
      serves = true;
      return engine;
    } finally {
      if (!serves) {
        client.close();
      }
    }
  }

  String hash() {
    return info.getEngineHash();
  }

  boolean lives() {
    return !exits.over() && process.isAlive() && !client.closed();
  }

  EngineExits exits() {
    return exits;
  }

  /// A name that no guest of this process had before.
  String incarnation(String id) {
    return incarnations.next(id);
  }

  /// Waits for the answer also when the caller is interrupted meanwhile, who finds its thread so:
  /// the engine goes on with what it has begun, and somebody has to know what came of it.
  ///
  /// @throws InterruptedException before anything is begun
  <R extends MessageLite> R call(String method, MessageLite request, Parser<R> parser)
      throws TaskException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("nobody waits any more for " + method);
    }
    var asked = new FutureTask<>(() -> client.call(SERVICE, method, request, parser, CALL));
    Thread.ofVirtual().name("engine-call").start(asked);
    try {
      return Uninterrupted.get(asked);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case TtrpcException t ->
            throw new TaskException(
                Code.of(t.code().number()),
                Incarnations.readable(String.valueOf(t.getMessage())),
                t);
        case IOException t ->
            throw new TaskException(
                Code.UNAVAILABLE, "%s: %s".formatted(method, cause(process)), t);
        case null, default ->
            throw new TaskException(Code.UNKNOWN, "%s failed: %s".formatted(method, e), e);
      }
    }
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close(); // its stdin: the sign to leave
      if (!process.waitFor(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.debug("the engine had closed its stdin", e);
    }
    client.close();
    removeSocket();
  }

  private void serve() {
    try {
      exits.collect();
    } finally {
      removeSocket();
    }
  }

  private static void check(InfoResponse info) throws TaskException {
    if (info.getProtocol() != PROTOCOL) {
      throw new TaskException(
          Code.UNAVAILABLE,
          "the engine speaks protocol %d, the daemon %d: the installation is mixed"
              .formatted(info.getProtocol(), PROTOCOL));
    }
  }

  /// What is told of a process that does not answer.
  static String cause(Process process) {
    return process.isAlive()
        ? "engine process %d does not answer".formatted(process.pid())
        : "engine process %d ended with status %d".formatted(process.pid(), process.exitValue());
  }

  private void removeSocket() {
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.debug("cannot remove {}", socket, e);
    }
  }
}
