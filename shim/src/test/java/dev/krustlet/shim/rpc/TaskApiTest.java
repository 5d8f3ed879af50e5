package dev.krustlet.shim.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.krustlet.proto.services.events.ForwardRequest;
import dev.krustlet.proto.task.v2.ConnectRequest;
import dev.krustlet.proto.task.v2.ConnectResponse;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.CreateTaskResponse;
import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.proto.task.v2.KillRequest;
import dev.krustlet.proto.task.v2.ShutdownRequest;
import dev.krustlet.proto.task.v2.StartRequest;
import dev.krustlet.proto.task.v2.StartResponse;
import dev.krustlet.proto.task.v2.StateRequest;
import dev.krustlet.proto.task.v2.StateResponse;
import dev.krustlet.proto.task.v2.StatsRequest;
import dev.krustlet.proto.task.v2.StatsResponse;
import dev.krustlet.proto.task.v2.WaitRequest;
import dev.krustlet.proto.task.v2.WaitResponse;
import dev.krustlet.proto.types.v1.Status;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.Stats.Memory.PageFaults;
import dev.krustlet.shim.engine.Stats.Memory.Pages;
import dev.krustlet.shim.events.EventForwarder;
import dev.krustlet.shim.task.FakeEngine;
import dev.krustlet.shim.task.TaskService;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.Observer;
import dev.krustlet.ttrpc.Service;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import dev.krustlet.ttrpc.TtrpcServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class TaskApiTest {
  private static final String V2 = "containerd.task.v2.Task";
  private static final String V3 = "containerd.task.v3.Task";

  @TempDir private Path directory;
  private final FakeEngine engine = new FakeEngine();
  private final BlockingQueue<ForwardRequest> forwarded = new LinkedBlockingQueue<>();
  private TtrpcServer containerd;
  private EventForwarder forwarder;
  private TtrpcServer server;
  private TtrpcClient client;

  @BeforeEach
  void serve() throws IOException {
    containerd =
        TtrpcServer.builder()
            .service(
                Service.named("containerd.services.events.ttrpc.v1.Events")
                    .method(
                        "Forward",
                        ForwardRequest.parser(),
                        (context, q) -> {
                          assertThat(context.metadata("containerd-namespace-ttrpc"))
                              .contains("k8s.io");
                          forwarded.add(q);
                          return Empty.getDefaultInstance();
                        })
                    .build())
            .listen(directory.resolve("c"));
    forwarder =
        EventForwarder.to(directory.resolve("c"), "k8s.io", Clock.systemUTC(), Observer.NONE);
    var tasks =
        new TaskService(
            engine, new TaskEventTranslator(forwarder), (_, _, _, _) -> {}, Clock.systemUTC());
    var builder = TtrpcServer.builder();
    TaskApi.services(tasks, "k8s.io", CgroupVersion.V1, 4711).forEach(builder::service);
    server = builder.listen(directory.resolve("s"));
    client = TtrpcClient.connect(directory.resolve("s"));
    Files.writeString(directory.resolve("config.json"), "{\"ociVersion\":\"1.0.2\"}");
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
    forwarder.close();
    containerd.close();
  }

  private <R extends MessageLite> R call(String method, MessageLite q, Parser<R> parser)
      throws TtrpcException, IOException, InterruptedException {
    return client.call(V2, method, q, parser, CallOptions.timeout(Duration.ofSeconds(10)));
  }

  private CreateTaskRequest.Builder createRequest(String id) {
    return CreateTaskRequest.newBuilder().setId(id).setBundle(directory.toString());
  }

  private int create(String id) throws TtrpcException, IOException, InterruptedException {
    return call("Create", createRequest(id).build(), CreateTaskResponse.parser()).getPid();
  }

  private static void assertRefused(ThrowingCallable call, Code code, String sentence) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(TtrpcException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(sentence);
  }

  private ForwardRequest nextEvent() throws InterruptedException {
    var event = forwarded.poll(10, TimeUnit.SECONDS);
    assertThat(event).isNotNull();
    return event;
  }

  @Test
  void aWholeLifeOverTheWire() throws TtrpcException, IOException, InterruptedException {
    int pid = create("c");
    var started =
        call("Start", StartRequest.newBuilder().setId("c").build(), StartResponse.parser());
    var running =
        call("State", StateRequest.newBuilder().setId("c").build(), StateResponse.parser());
    call("Kill", KillRequest.newBuilder().setId("c").setSignal(15).build(), Empty.parser());
    var waited = call("Wait", WaitRequest.newBuilder().setId("c").build(), WaitResponse.parser());
    var stopped =
        call("State", StateRequest.newBuilder().setId("c").build(), StateResponse.parser());
    var deleted =
        call("Delete", DeleteRequest.newBuilder().setId("c").build(), DeleteResponse.parser());

    assertThat(started.getPid()).isEqualTo(pid);
    assertThat(running.getStatus()).isEqualTo(Status.RUNNING);
    assertThat(stopped.getStatus()).isEqualTo(Status.STOPPED);
    assertThat(waited.getExitStatus()).isEqualTo(143);
    assertThat(waited.getExitedAt())
        .isEqualTo(deleted.getExitedAt())
        .isEqualTo(stopped.getExitedAt());
    assertThat(deleted.getExitStatus()).isEqualTo(143);
    for (String topic : List.of("create", "start", "exit", "delete")) {
      var envelope = nextEvent().getEnvelope();
      assertThat(envelope.getTopic()).isEqualTo("/tasks/" + topic);
      assertThat(envelope.getNamespace()).isEqualTo("k8s.io");
      assertThat(envelope.hasTimestamp()).isTrue();
      assertThat(envelope.getEvent().getTypeUrl()).startsWith("containerd.events.Task");
    }
  }

  @Test
  void version3IsServedWithTheSameMessages()
      throws TtrpcException, IOException, InterruptedException {
    var pid =
        client
            .call(
                V3,
                "Create",
                createRequest("c").build(),
                CreateTaskResponse.parser(),
                CallOptions.NONE)
            .getPid();
    var connected =
        client.call(
            V3,
            "Connect",
            ConnectRequest.newBuilder().setId("c").build(),
            ConnectResponse.parser(),
            CallOptions.NONE);

    assertThat(connected.getTaskPid()).isEqualTo(pid);
  }

  @Test
  void connectNeverFails() throws TtrpcException, IOException, InterruptedException {
    var answer =
        call(
            "Connect", ConnectRequest.newBuilder().setId("none").build(), ConnectResponse.parser());

    assertThat(answer.getShimPid()).isEqualTo(4711);
    assertThat(answer.getTaskPid()).isZero();
  }

  @Test
  void refusalsKeepTheirCodeAndSentence() throws TtrpcException, IOException, InterruptedException {
    assertRefused(() -> create("bad"), Code.INVALID_ARGUMENT, "exec `/nope`: no such file");
    create("c");
    assertRefused(() -> create("c"), Code.ALREADY_EXISTS, "c exists");
    assertRefused(
        () ->
            call(
                "Start",
                StartRequest.newBuilder().setId("c").setExecId("e").build(),
                StartResponse.parser()),
        Code.NOT_FOUND,
        "exec e of container c");
    assertRefused(
        () -> call("State", StateRequest.newBuilder().setId("x").build(), StateResponse.parser()),
        Code.NOT_FOUND,
        "container not created");
  }

  @Test
  void aBundleThatIsNoneIsRefused() throws IOException {
    assertRefused(
        () ->
            call(
                "Create",
                createRequest("c").setBundle("relative").build(),
                CreateTaskResponse.parser()),
        Code.INVALID_ARGUMENT,
        "relative");
    Files.writeString(directory.resolve("config.json"), "{\"process\":7}");
    assertRefused(() -> create("c"), Code.INVALID_ARGUMENT, "config.json");
  }

  @Test
  void optionsOfAnUnknownTypeAreRefusedByName() {
    var options = Any.newBuilder().setTypeUrl("some.Options").setValue(ByteString.EMPTY);

    assertRefused(
        () ->
            call(
                "Create",
                createRequest("c").setOptions(options).build(),
                CreateTaskResponse.parser()),
        Code.INVALID_ARGUMENT,
        "some.Options");
  }

  @Test
  void anotherNamespaceIsRefused() {
    var options =
        new CallOptions(Duration.ofSeconds(10), Map.of("containerd-namespace-ttrpc", "other"));

    assertRefused(
        () ->
            client.call(
                V2,
                "Connect",
                ConnectRequest.getDefaultInstance(),
                ConnectResponse.parser(),
                options),
        Code.INVALID_ARGUMENT,
        "other");
  }

  @Test
  void statsAreTheHostsMetricsUnderTheirBareName()
      throws TtrpcException, IOException, InterruptedException {
    create("c");

    var stats =
        call("Stats", StatsRequest.newBuilder().setId("c").build(), StatsResponse.parser())
            .getStats();

    assertThat(stats.getTypeUrl()).isEqualTo("io.containerd.cgroups.v1.Metrics");
    var metrics = dev.krustlet.proto.cgroups.v1.Metrics.parseFrom(stats.getValue());
    assertThat(metrics.getCpu().getUsage().getTotal()).isEqualTo(3000);
    assertThat(metrics.getMemory().getUsage().getUsage()).isEqualTo(10);
    assertThat(metrics.getMemory().getUsage().getLimit()).isEqualTo(9223372036854771712L);
    assertThat(metrics.getMemory().getTotalInactiveFile()).isEqualTo(2);
    assertThat(metrics.getMemoryOomControl().getOomKill()).isEqualTo(4);
    assertThat(metrics.getMemory().hasSwap()).isTrue();
    assertThat(metrics.getMemory().hasKernel()).isTrue();
    assertThat(metrics.getMemory().hasKernelTcp()).isTrue();
  }

  @Test
  void unifiedHostsGetMicroseconds() throws IOException {
    var figures =
        new Stats(
            new Stats.Cpu(3000, 2000, 1000, 1, 2, 3),
            new Stats.Memory(10, 0, 12, new Pages(8, 3, 2), new PageFaults(5, 1), 4, 6),
            new Stats.Pids(1, 0),
            Map.of("anon_thp", 7L, "memory.swap.current", 8L, "memory.events.high", 9L),
            List.of(),
            List.of(),
            Map.of());
    var stats = Metrics.of(figures, CgroupVersion.V2);

    var metrics = dev.krustlet.proto.cgroups.v2.Metrics.parseFrom(stats.getValue());
    assertThat(stats.getTypeUrl()).isEqualTo("io.containerd.cgroups.v2.Metrics");
    assertThat(metrics.getCpu().getUsageUsec()).isEqualTo(3);
    assertThat(metrics.getMemory().getUsageLimit()).isEqualTo(-1L);
    assertThat(metrics.getMemoryEvents().getOomKill()).isEqualTo(4);
    assertThat(metrics.getMemoryEvents().getHigh()).isEqualTo(9);
    assertThat(metrics.getMemory().getAnonThp()).isEqualTo(7);
    assertThat(metrics.getMemory().getSwapUsage()).isEqualTo(8);
  }

  @Test
  void shutdownLeavesTheDaemonServing() throws TtrpcException, IOException, InterruptedException {
    create("c");
    call("Shutdown", ShutdownRequest.newBuilder().setId("c").build(), Empty.parser());

    assertThat(
            call("State", StateRequest.newBuilder().setId("c").build(), StateResponse.parser())
                .getStatus())
        .isEqualTo(Status.CREATED);
  }
}
