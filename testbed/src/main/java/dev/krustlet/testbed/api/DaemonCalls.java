package dev.krustlet.testbed.api;

import dev.krustlet.proto.task.v2.StateRequest;
import dev.krustlet.proto.task.v2.StateResponse;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// The daemon's own view of its containers, past containerd.
public final class DaemonCalls implements AutoCloseable {
  private final TtrpcClient client;
  private final CallOptions options;

  private DaemonCalls(TtrpcClient client, CallOptions options) {
    this.client = client;
    this.options = options;
  }

  public static DaemonCalls connect(Path socket, String namespace) throws IOException {
    var metadata = Map.of("containerd-namespace-ttrpc", namespace);
    return new DaemonCalls(
        TtrpcClient.connect(socket), new CallOptions(Duration.ofSeconds(30), metadata));
  }

  /// Empty if the daemon has no such container.
  public Optional<StateResponse> state(String id) throws IOException, InterruptedException {
    try {
      return Optional.of(
          client.call(
              "containerd.task.v2.Task",
              "State",
              StateRequest.newBuilder().setId(id).build(),
              StateResponse.parser(),
              options));
    } catch (TtrpcException e) {
      if (e.code() == Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw new IOException("State of %s: %s".formatted(id, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
