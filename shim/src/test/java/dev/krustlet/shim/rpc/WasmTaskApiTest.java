package dev.krustlet.shim.rpc;

import static dev.krustlet.shim.rpc.TaskPeer.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.krustlet.proto.cgroups.v1.Metrics;
import dev.krustlet.proto.task.v2.CheckpointTaskRequest;
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
import dev.krustlet.shim.engine.wasm.WasmBed;
import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole way of a wasm container: calls over the wire, guests of the real engine, events back.
@Tag("engine")
@ParameterizedClass
@ValueSource(strings = {TaskPeer.V2, TaskPeer.V3})
@Timeout(120)
class WasmTaskApiTest {
  private static final String PROCESS = "types.containerd.io/opencontainers/runtime-spec/1/Process";
  private static final String LIMITS = "{\"memory\":{\"limit\":8388608}}";

  @TempDir private Path directory;
  private final String service;
  private WasmBed bed;
  private TaskPeer peer;

  WasmTaskApiTest(String service) {
    this.service = service;
  }

  @BeforeEach
  void serve() throws IOException {
    bed = new WasmBed(directory);
    Path sockets = Files.createDirectory(directory.resolve("peer"));
    peer = TaskPeer.of(bed.engine(), sockets, service);
  }

  @AfterEach
  void stop() throws IOException {
    if (peer != null) {
      peer.close();
    }
    if (bed != null) {
      bed.close();
    }
  }

  private void run(String export) throws TtrpcException, IOException, InterruptedException {
    Path bundle = bed.bundle("c", export, LIMITS, "{}");
    peer.call("Create", CreateTaskRequest.newBuilder().setId("c").setBundle(bundle.toString()));
    start("");
  }

  private void start(String exec) throws TtrpcException, IOException, InterruptedException {
    peer.call("Start", StartRequest.newBuilder().setId("c").setExecId(exec));
  }

  private int await(String exec) throws TtrpcException, IOException, InterruptedException {
    var asked = WaitRequest.newBuilder().setId("c").setExecId(exec);
    return peer.call("Wait", asked, WaitResponse.parser()).getExitStatus();
  }

  private static ExecProcessRequest.Builder exec(String id, String program) {
    return ExecProcessRequest.newBuilder()
        .setId("c")
        .setExecId(id)
        .setSpec(
            Any.newBuilder()
                .setTypeUrl(PROCESS)
                .setValue(ByteString.copyFromUtf8(WasmBed.process(program))));
  }

  private static KillRequest.Builder kill(String exec) {
    return KillRequest.newBuilder().setId("c").setExecId(exec).setSignal(9);
  }

  private static DeleteRequest.Builder delete(String exec) {
    return DeleteRequest.newBuilder().setId("c").setExecId(exec);
  }

  private void assertCall(String method, MessageLite.Builder q, Code code, String sentence) {
    assertRefused(() -> peer.call(method, q), code, sentence);
  }

  @Test
  void everyTopicComesInOrder() throws TtrpcException, IOException, InterruptedException {
    run("_start");
    peer.call("Exec", exec("short", "/guest.wat#seven"));
    start("short");
    assertThat(await("short")).isEqualTo(7);
    peer.call("Exec", exec("long", "/guest.wat"));
    start("long");
    peer.call("Exec", exec("late", "/guest.wat"));
    peer.call("Pause", PauseRequest.newBuilder().setId("c"));
    assertRefused(() -> start("late"), Code.UNKNOWN, "cannot exec in a paused");
    peer.call("Resume", ResumeRequest.newBuilder().setId("c"));
    peer.call("Kill", kill(""));
    assertThat(await("")).isEqualTo(137);
    assertRefused(() -> start("late"), Code.FAILED_PRECONDITION, "has ended");
    peer.call("Delete", delete(""));

    assertThat(peer.nextEvents(13))
        .containsExactly(
            "create c",
            "start c",
            "exec-added c/short",
            "exec-started c/short",
            "exit c/short 7",
            "exec-added c/long",
            "exec-started c/long",
            "exec-added c/late",
            "paused c",
            "resumed c",
            "exit c/long 137",
            "exit c/c 137",
            "delete c");
  }

  @Test
  void wantOfMemoryIsToldAndCountedUntilTheDeletion()
      throws TtrpcException, IOException, InterruptedException {
    run("grow");
    assertThat(await("")).isEqualTo(137);

    var asked = StatsRequest.newBuilder().setId("c");
    var stats = peer.call("Stats", asked, StatsResponse.parser()).getStats();

    assertThat(stats.getTypeUrl()).isEqualTo("io.containerd.cgroups.v1.Metrics");
    var metrics = Metrics.parseFrom(stats.getValue());
    assertThat(metrics.getCpu().getUsage().getTotal()).isPositive();
    assertThat(metrics.getCpu().hasThrottling()).isTrue();
    assertThat(metrics.getMemory().getUsage().getLimit()).isEqualTo(8 << 20);
    assertThat(metrics.getMemory().getUsage().getFailcnt()).isPositive();
    assertThat(metrics.getMemory().hasSwap()).isTrue();
    assertThat(metrics.getMemoryOomControl().getOomKill()).isEqualTo(1);
    assertThat(metrics.hasPids()).isTrue();
    peer.call("Delete", delete(""));
    assertCall("Stats", asked, Code.NOT_FOUND, "not created: c");
    assertThat(peer.nextEvents(5))
        .containsExactly("create c", "start c", "oom c", "exit c/c 137", "delete c");
  }

  @Test
  void whatHasEndedOrNeverWasIsNotFound() throws TtrpcException, IOException, InterruptedException {
    run("_start");
    assertCall("Kill", kill("e"), Code.NOT_FOUND, "exec e of container c");
    peer.call("Exec", exec("e", "/guest.wat#seven"));
    assertCall("Exec", exec("e", "/guest.wat"), Code.ALREADY_EXISTS, "exec e of container c");
    assertCall("Kill", kill("e"), Code.FAILED_PRECONDITION, "exec e has not started");
    start("e");
    assertThat(await("e")).isEqualTo(7);
    assertCall("Kill", kill("e"), Code.NOT_FOUND, "process already finished: e");
    assertCall("Delete", delete(""), Code.UNKNOWN, "cannot delete a running");
    peer.call("Kill", kill(""));
    assertThat(await("")).isEqualTo(137);
    assertCall("Kill", kill(""), Code.NOT_FOUND, "process already finished: c");
    peer.call("Delete", delete(""));
    assertCall("Delete", delete(""), Code.NOT_FOUND, "not created");
  }

  @Test
  void whatAGuestCannotHaveHasItsCodeAndASentence()
      throws TtrpcException, IOException, InterruptedException {
    String hooked =
        bed.bundle("h", "_start", "{}", "{\"createContainer\":[{\"path\":\"/bin/hook\"}]}")
            .toString();
    assertCall(
        "Create",
        CreateTaskRequest.newBuilder().setId("h").setBundle(hooked),
        Code.UNIMPLEMENTED,
        "createContainer hooks run in the container's own mount namespace");
    String plain = bed.bundle("t", "_start", "{}", "{}").toString();
    assertCall(
        "Create",
        CreateTaskRequest.newBuilder().setId("t").setBundle(plain).setTerminal(true),
        Code.INVALID_ARGUMENT,
        "no terminal");
    run("_start");
    assertCall("Exec", exec("e", "/script"), Code.INVALID_ARGUMENT, "no wasm module");
    assertCall("Exec", exec("e", "/nowhere"), Code.INVALID_ARGUMENT, "no such file");
    assertCall("Exec", exec("e", "/guest.wat").setTerminal(true), Code.INVALID_ARGUMENT, "tty");
    assertCall(
        "Checkpoint",
        CheckpointTaskRequest.newBuilder().setId("c").setPath("/images"),
        Code.UNIMPLEMENTED,
        "checkpoint");
  }
}
