package dev.krustlet.shim.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.krustlet.proto.events.TaskDelete;
import dev.krustlet.proto.events.TaskExecAdded;
import dev.krustlet.proto.events.TaskExecStarted;
import dev.krustlet.proto.events.TaskExit;
import dev.krustlet.proto.events.TaskStart;
import dev.krustlet.proto.services.events.ForwardRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.events.EventForwarder;
import dev.krustlet.shim.task.TaskService;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.Observer;
import dev.krustlet.ttrpc.Service;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import dev.krustlet.ttrpc.TtrpcServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// containerd at both ends: calls one version of the Task service, and takes events.
final class TaskPeer implements AutoCloseable {
  static final String V2 = "containerd.task.v2.Task";
  static final String V3 = "containerd.task.v3.Task";

  private final BlockingQueue<ForwardRequest> forwarded = new LinkedBlockingQueue<>();
  private final TtrpcServer containerd;
  private final EventForwarder forwarder;
  private final TtrpcServer server;
  private final TtrpcClient client;
  private final String service;

  private TaskPeer(Engine engine, Path directory, String service) throws IOException {
    this.service = service;
    containerd = TtrpcServer.builder().service(events()).listen(directory.resolve("c"));
    forwarder =
        EventForwarder.to(directory.resolve("c"), "k8s.io", Clock.systemUTC(), Observer.NONE);
    var tasks =
        new TaskService(
            engine, new TaskEventTranslator(forwarder), (_, _, _, _) -> {}, Clock.systemUTC());
    var builder = TtrpcServer.builder();
    TaskApi.services(tasks, "k8s.io", CgroupVersion.V1, 4711).forEach(builder::service);
    server = builder.listen(directory.resolve("s"));
    client = TtrpcClient.connect(directory.resolve("s"));
  }

  static TaskPeer of(Engine engine, Path directory, String service) throws IOException {
    return new TaskPeer(engine, directory, service);
  }

  private Service events() {
    return Service.named("containerd.services.events.ttrpc.v1.Events")
        .method(
            "Forward",
            ForwardRequest.parser(),
            (_, q) -> {
              forwarded.add(q);
              return Empty.getDefaultInstance();
            })
        .build();
  }

  <R extends MessageLite> R call(String method, MessageLite.Builder q, Parser<R> parser)
      throws TtrpcException, IOException, InterruptedException {
    return client.call(
        service, method, q.build(), parser, CallOptions.timeout(Duration.ofSeconds(30)));
  }

  void call(String method, MessageLite.Builder q)
      throws TtrpcException, IOException, InterruptedException {
    Empty _ = call(method, q, Empty.parser());
  }

  static void assertRefused(ThrowingCallable call, Code code, String sentence) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(TtrpcException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(sentence);
  }

  /// The next event: its topic without the common beginning, and whose it is.
  String nextEvent() throws InterruptedException, InvalidProtocolBufferException {
    var event = forwarded.poll(30, TimeUnit.SECONDS);
    assertThat(event).as("an event").isNotNull();
    return told(event);
  }

  List<String> nextEvents(int count) throws InterruptedException, InvalidProtocolBufferException {
    var told = new java.util.ArrayList<String>();
    while (told.size() < count) {
      told.add(nextEvent());
    }
    return told;
  }

  private static String told(ForwardRequest event) throws InvalidProtocolBufferException {
    var bytes = event.getEnvelope().getEvent().getValue();
    String topic = event.getEnvelope().getTopic().replace("/tasks/", "");
    return switch (topic) {
      case "start" -> topic + " " + TaskStart.parseFrom(bytes).getContainerId();
      case "exec-added" -> {
        var e = TaskExecAdded.parseFrom(bytes);
        yield "%s %s/%s".formatted(topic, e.getContainerId(), e.getExecId());
      }
      case "exec-started" -> {
        var e = TaskExecStarted.parseFrom(bytes);
        assertThat(e.getPid()).isPositive();
        yield "%s %s/%s".formatted(topic, e.getContainerId(), e.getExecId());
      }
      case "exit" -> {
        var e = TaskExit.parseFrom(bytes);
        assertThat(e.getPid()).isPositive();
        yield "%s %s/%s %d".formatted(topic, e.getContainerId(), e.getId(), e.getExitStatus());
      }
      case "delete" -> topic + " " + TaskDelete.parseFrom(bytes).getContainerId();
      // the rest begin with the container's id, as TaskStart does
      default -> topic + " " + TaskStart.parseFrom(bytes).getContainerId();
    };
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
    forwarder.close();
    containerd.close();
  }
}
