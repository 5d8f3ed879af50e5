package dev.krustlet.shim.rpc;

import static dev.krustlet.shim.rpc.TaskPeer.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.krustlet.proto.cgroups.v1.Metrics;
import dev.krustlet.proto.runc.v1.Options;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.ExecProcessRequest;
import dev.krustlet.proto.task.v2.KillRequest;
import dev.krustlet.proto.task.v2.PauseRequest;
import dev.krustlet.proto.task.v2.ResumeRequest;
import dev.krustlet.proto.task.v2.StartRequest;
import dev.krustlet.proto.task.v2.StatsRequest;
import dev.krustlet.proto.task.v2.StatsResponse;
import dev.krustlet.proto.task.v2.WaitRequest;
import dev.krustlet.proto.task.v2.WaitResponse;
import dev.krustlet.shim.engine.runc.NativeNode;
import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole way: calls over the wire, real containers, events back.
@ParameterizedClass
@ValueSource(strings = {TaskPeer.V2, TaskPeer.V3})
@Timeout(120)
class NativeTaskApiTest {
  private static final String PROCESS = "types.containerd.io/opencontainers/runtime-spec/1/Process";
  private static final int CONTAINERS = 6;
  private static final int EXECS = 4;

  @TempDir private Path directory;
  private final List<NativeNode> nodes = new ArrayList<>();
  private final String service;
  private TaskPeer peer;

  NativeTaskApiTest(String service) {
    this.service = service;
  }

  @AfterEach
  void stop() throws IOException {
    if (peer != null) {
      peer.close();
    }
    for (NativeNode node : nodes) {
      node.close();
    }
  }

  /// A bundle of its own for each container; the first node's engine runs them all.
  private String create(String script) throws TtrpcException, IOException, InterruptedException {
    var node = nodes.get(nodes.size() - 1);
    String id = NativeNode.freshId();
    node.configure(id, script, false);
    var options = Options.newBuilder().setRoot(directory.resolve("runc").toString()).build();
    peer.call(
        "Create",
        CreateTaskRequest.newBuilder()
            .setId(id)
            .setBundle(node.bundle().toString())
            .setOptions(Wire.any("containerd.runc.v1.Options", options)));
    return id;
  }

  private void addNode() throws IOException {
    nodes.add(NativeNode.in(Files.createDirectories(directory.resolve("n" + nodes.size()))));
  }

  @BeforeEach
  void serve() throws IOException {
    addNode();
    peer = TaskPeer.of(nodes.getFirst().engine(), directory, service);
  }

  private void start(String id, String exec)
      throws TtrpcException, IOException, InterruptedException {
    peer.call("Start", StartRequest.newBuilder().setId(id).setExecId(exec));
  }

  private int await(String id, String exec)
      throws TtrpcException, IOException, InterruptedException {
    return peer.call(
            "Wait", WaitRequest.newBuilder().setId(id).setExecId(exec), WaitResponse.parser())
        .getExitStatus();
  }

  private void exec(String id, String exec, String script)
      throws TtrpcException, IOException, InterruptedException {
    String process =
        "{\"args\":[\"sh\",\"-c\",\"%s\"],\"cwd\":\"/\",\"env\":[\"PATH=/bin\"],\"user\":{}}"
            .formatted(script);
    peer.call(
        "Exec",
        ExecProcessRequest.newBuilder()
            .setId(id)
            .setExecId(exec)
            .setSpec(
                Any.newBuilder()
                    .setTypeUrl(PROCESS)
                    .setValue(ByteString.copyFrom(process, StandardCharsets.UTF_8))));
  }

  @Test
  void everyTopicComesInOrder() throws TtrpcException, IOException, InterruptedException {
    String id = create("while :; do sleep 1000; done");
    start(id, "");
    exec(id, "short", "exit 3");
    start(id, "short");
    assertThat(await(id, "short")).isEqualTo(3);
    exec(id, "long", "while :; do sleep 1000; done");
    start(id, "long");
    exec(id, "bad", "nothing");
    peer.call("Pause", PauseRequest.newBuilder().setId(id));
    assertRefused(() -> start(id, "bad"), Code.UNKNOWN, "cannot exec in a paused");
    peer.call("Resume", ResumeRequest.newBuilder().setId(id));
    peer.call("Kill", KillRequest.newBuilder().setId(id).setSignal(9));
    assertThat(await(id, "")).isEqualTo(137);
    assertRefused(() -> start(id, "bad"), Code.FAILED_PRECONDITION, "has ended");
    peer.call("Delete", DeleteRequest.newBuilder().setId(id).setExecId("short"));
    peer.call("Delete", DeleteRequest.newBuilder().setId(id));

    assertThat(peer.nextEvents(12).stream().map(e -> e.replace(id, "c")))
        .containsExactly(
            "create c",
            "start c",
            "exec-added c/short",
            "exec-started c/short",
            "exit c/short 3",
            "exec-added c/long",
            "exec-started c/long",
            "exec-added c/bad",
            "paused c",
            "resumed c",
            "exit c/long 137",
            "exit c/c 137");
    assertThat(peer.nextEvent()).isEqualTo("delete " + id);
  }

  @Test
  void theOrderHoldsUnderLoad()
      throws TtrpcException, IOException, InterruptedException, ExecutionException {
    List<String> ids = new ArrayList<>();
    List<Callable<Integer>> lives = new ArrayList<>();
    for (int i = 0; i < CONTAINERS; i++) {
      String id = create("while :; do sleep 1000; done");
      ids.add(id);
      addNode();
      start(id, "");
      for (int e = 0; e < EXECS; e++) {
        String exec = "e" + e;
        boolean ends = e % 2 == 0;
        String script = ends ? "exit " + e : "while :; do sleep 1000; done";
        lives.add(() -> {
          exec(id, exec, script);
          start(id, exec);
          return ends ? await(id, exec) : 0;
        });
      }
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var life : threads.invokeAll(lives)) {
        life.get();
      }
      for (var end : threads.invokeAll(ids.stream().map(this::ending).toList())) {
        assertThat(end.get()).isEqualTo(137);
      }
    }

    List<String> told = peer.nextEvents(CONTAINERS * (4 + 3 * EXECS));
    for (String id : ids) {
      assertOrder(told.stream().filter(e -> e.contains(id)).toList(), id);
    }
  }

  private Callable<Integer> ending(String id) {
    return () -> {
      peer.call("Kill", KillRequest.newBuilder().setId(id).setSignal(9));
      int status = await(id, "");
      peer.call("Delete", DeleteRequest.newBuilder().setId(id));
      return status;
    };
  }

  private static void assertOrder(List<String> told, String id) {
    assertThat(told).startsWith("create " + id, "start " + id);
    assertThat(told).endsWith("exit %s/%s 137".formatted(id, id), "delete " + id);
    for (int e = 0; e < EXECS; e++) {
      String name = id + "/e" + e;
      assertThat(told.stream().filter(each -> (each + " ").contains(name + " ")))
          .containsExactly(
              "exec-added " + name,
              "exec-started " + name,
              "exit %s %d".formatted(name, e % 2 == 0 ? e : 137));
    }
  }

  @Test
  void figuresAreToldBetweenTheExitAndTheDeletion()
      throws TtrpcException, IOException, InterruptedException {
    String id = create("exit 0");
    start(id, "");
    assertThat(await(id, "")).isZero();

    var stats = peer.call("Stats", StatsRequest.newBuilder().setId(id), StatsResponse.parser());

    var metrics = Metrics.parseFrom(stats.getStats().getValue());
    assertThat(metrics.getCpu().getUsage().getTotal()).isPositive();
    assertThat(metrics.getCpu().getUsage().getPerCpuList())
        .hasSize(Runtime.getRuntime().availableProcessors());
    assertThat(metrics.getMemory().getUsage().getMax()).isPositive();
    assertThat(metrics.getMemory().getPgPgIn()).isPositive();
    assertThat(metrics.getMemory().getTotalPgPgIn()).isPositive();
    assertThat(metrics.getMemory().getPgFault()).isPositive();
    assertThat(metrics.getMemory().getHierarchicalMemoryLimit()).isPositive();
    assertThat(metrics.getMemory().getKernel().getLimit()).isPositive();
    assertThat(metrics.getMemory().getKernelTcp().getLimit()).isPositive();
    peer.call("Delete", DeleteRequest.newBuilder().setId(id));
    assertRefused(
        () -> peer.call("Stats", StatsRequest.newBuilder().setId(id)), Code.NOT_FOUND, id);
  }

  @Test
  void runcsOwnRefusalHasNoClassAndItsReason()
      throws TtrpcException, IOException, InterruptedException {
    String id = create("while :; do sleep 1000; done");
    start(id, "");
    peer.call(
        "Exec",
        ExecProcessRequest.newBuilder()
            .setId(id)
            .setExecId("e")
            .setSpec(
                Any.newBuilder()
                    .setTypeUrl(PROCESS)
                    .setValue(ByteString.copyFromUtf8("{\"args\":[\"/nope\"],\"cwd\":\"/\"}"))));

    assertRefused(() -> start(id, "e"), Code.UNKNOWN, "/nope: no such file or directory");
    peer.call("Delete", DeleteRequest.newBuilder().setId(id).setExecId("e"));
    peer.call("Kill", KillRequest.newBuilder().setId(id).setSignal(9));
    assertThat(await(id, "")).isEqualTo(137);
    peer.call("Delete", DeleteRequest.newBuilder().setId(id));
  }
}
