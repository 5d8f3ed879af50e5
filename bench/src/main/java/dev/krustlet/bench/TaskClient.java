package dev.krustlet.bench;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.CreateTaskResponse;
import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.proto.task.v2.StartRequest;
import dev.krustlet.proto.task.v2.StartResponse;
import dev.krustlet.proto.task.v2.WaitRequest;
import dev.krustlet.proto.task.v2.WaitResponse;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// Calls the daemon as containerd does, over TTRPC.
final class TaskClient implements AutoCloseable {
  private static final String SERVICE = "containerd.task.v2.Task";

  private final TtrpcClient client;
  private final CallOptions options;

  private TaskClient(TtrpcClient client, CallOptions options) {
    this.client = client;
    this.options = options;
  }

  static TaskClient connect(Path socket, String namespace) throws IOException {
    var metadata = Map.of("containerd-namespace-ttrpc", namespace);
    return new TaskClient(
        TtrpcClient.connect(socket), new CallOptions(Duration.ofSeconds(30), metadata));
  }

  void create(TaskBundle bundle) throws IOException, InterruptedException {
    var request =
        CreateTaskRequest.newBuilder()
            .setId(bundle.id())
            .setBundle(bundle.path().toString())
            .addRootfs(bundle.root())
            .setStdout(bundle.stdoutPath().toString())
            .setStderr(bundle.stderrPath().toString());
    bundle.follow();
    call("Create", request.build(), CreateTaskResponse.parser());
  }

  void start(TaskBundle bundle) throws IOException, InterruptedException {
    call("Start", StartRequest.newBuilder().setId(bundle.id()).build(), StartResponse.parser());
  }

  /// Waits for its end, which has to be a good one.
  void await(TaskBundle bundle) throws IOException, InterruptedException {
    var request = WaitRequest.newBuilder().setId(bundle.id()).build();
    int status = call("Wait", request, WaitResponse.parser()).getExitStatus();
    if (status != 0) {
      throw new IOException("container %s ended with %d".formatted(bundle.id(), status));
    }
  }

  void delete(TaskBundle bundle) throws IOException, InterruptedException {
    call("Delete", DeleteRequest.newBuilder().setId(bundle.id()).build(), DeleteResponse.parser());
  }

  private <R extends MessageLite> R call(String method, MessageLite request, Parser<R> parser)
      throws IOException, InterruptedException {
    try {
      return client.call(SERVICE, method, request, parser, options);
    } catch (TtrpcException e) {
      throw new IOException("%s: %s".formatted(method, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
