package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.CreateRequest;
import dev.krustlet.proto.engine.v1.CreateResponse;
import dev.krustlet.proto.engine.v1.DeleteRequest;
import dev.krustlet.proto.engine.v1.DeleteResponse;
import dev.krustlet.proto.engine.v1.InfoRequest;
import dev.krustlet.proto.engine.v1.InfoResponse;
import dev.krustlet.proto.engine.v1.NextExitRequest;
import dev.krustlet.proto.engine.v1.NextExitResponse;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.ttrpc.Service;
import dev.krustlet.ttrpc.TtrpcException;
import dev.krustlet.ttrpc.TtrpcServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/// An engine whose process does nothing and whose calls are answered by the test.
final class FakeEngineProcess implements AutoCloseable {
  /// What a creation comes to.
  interface Creation {
    void of(CreateRequest request) throws TtrpcException;
  }

  private static final String BODY =
      """
      #!/bin/sh
      : > "$3.asked"
      until [ -S "$3" ]; do sleep 0.01; done
      echo ready
      exec cat
      """;

  final List<CreateRequest> created = new CopyOnWriteArrayList<>();
  final List<String> deleted = new CopyOnWriteArrayList<>();
  final BlockingQueue<NextExitResponse> exits = new LinkedBlockingQueue<>();
  volatile Creation creation = _ -> {};
  volatile Runnable asked = () -> {}; // run when a creation is asked for
  volatile Runnable oomKilled = () -> {};
  private final EngineProcess process;
  private final TtrpcServer server;

  /// @param directory for its files
  FakeEngineProcess(Path directory) throws IOException, InterruptedException, ExecutionException {
    Path program = directory.resolve("engine");
    Files.writeString(program, BODY);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    Path socket = directory.resolve("engine.sock");
    var start =
        new EngineStart(new EngineProgram(program, false, false), socket, Duration.ofSeconds(20));
    var starting = new FutureTask<>(() -> EngineProcess.start(start));
    Thread.ofVirtual().name("engine-start").start(starting);
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!Files.exists(Path.of(socket + ".asked"))) {
      if (System.nanoTime() > deadline) {
        throw new IOException("nobody starts " + program);
      }
    }
    server = TtrpcServer.builder().service(service()).listen(socket);
    process = starting.get();
  }

  private Service service() {
    return Service.named("krustlet.engine.v1.Engine")
        .method(
            "Info",
            InfoRequest.parser(),
            (_, _) -> InfoResponse.newBuilder().setProtocol(1).setEngineHash("hash").build())
        .method(
            "Create",
            CreateRequest.parser(),
            (_, q) -> {
              created.add(q);
              asked.run();
              creation.of(q);
              return CreateResponse.newBuilder().setPid(created.size()).build();
            })
        .method(
            "Delete",
            DeleteRequest.parser(),
            (_, q) -> {
              deleted.add(q.getId());
              return DeleteResponse.getDefaultInstance();
            })
        .method("NextExit", NextExitRequest.parser(), (_, _) -> exits.take())
        .build();
  }

  EngineProcess process() {
    return process;
  }

  EngineGuest.Created create(CreateRequest request) throws TaskException, InterruptedException {
    return create(request, request);
  }

  /// @param again what is asked for if the code of the first is not there any more
  EngineGuest.Created create(CreateRequest request, CreateRequest again)
      throws TaskException, InterruptedException {
    return EngineGuest.create(process, request, () -> again, () -> oomKilled.run());
  }

  @Override
  public void close() throws IOException {
    process.close();
    server.close();
  }
}
