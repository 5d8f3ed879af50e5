package dev.krustlet.shim.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.krustlet.proto.runc.v1.CheckpointOptions;
import dev.krustlet.proto.runc.v1.ProcessDetails;
import dev.krustlet.proto.task.v2.CheckpointTaskRequest;
import dev.krustlet.proto.task.v2.CloseIORequest;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.proto.task.v2.ExecProcessRequest;
import dev.krustlet.proto.task.v2.KillRequest;
import dev.krustlet.proto.task.v2.PauseRequest;
import dev.krustlet.proto.task.v2.PidsRequest;
import dev.krustlet.proto.task.v2.PidsResponse;
import dev.krustlet.proto.task.v2.ResizePtyRequest;
import dev.krustlet.proto.task.v2.ResumeRequest;
import dev.krustlet.proto.task.v2.StartRequest;
import dev.krustlet.proto.task.v2.StartResponse;
import dev.krustlet.proto.task.v2.StateRequest;
import dev.krustlet.proto.task.v2.StateResponse;
import dev.krustlet.proto.task.v2.UpdateTaskRequest;
import dev.krustlet.proto.task.v2.WaitRequest;
import dev.krustlet.proto.task.v2.WaitResponse;
import dev.krustlet.proto.types.v1.Status;
import dev.krustlet.shim.task.FakeEngine;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// Exec and the calls that change a running container, as they come over the wire.
@ParameterizedClass
@ValueSource(strings = {TaskPeer.V2, TaskPeer.V3})
@Timeout(30)
class CallsApiTest {
  private static final String TYPES = "types.containerd.io/opencontainers/runtime-spec/1/";

  @TempDir private Path directory;
  private final FakeEngine engine = new FakeEngine();
  private final String service;
  private TaskPeer peer;

  CallsApiTest(String service) {
    this.service = service;
  }

  @BeforeEach
  void serve() throws TtrpcException, IOException, InterruptedException {
    peer = TaskPeer.of(engine, directory, service);
    Files.writeString(directory.resolve("config.json"), "{\"ociVersion\":\"1.0.2\"}");
    peer.call("Create", CreateTaskRequest.newBuilder().setId("c").setBundle(directory.toString()));
    peer.call("Start", StartRequest.newBuilder().setId("c"));
    assertThat(peer.nextEvents(2)).containsExactly("create c", "start c");
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
  }

  private static Any json(String type, String document) {
    return Any.newBuilder()
        .setTypeUrl(TYPES + type)
        .setValue(ByteString.copyFrom(document, StandardCharsets.UTF_8))
        .build();
  }

  private StateResponse state(String exec)
      throws TtrpcException, IOException, InterruptedException {
    return peer.call(
        "State", StateRequest.newBuilder().setId("c").setExecId(exec), StateResponse.parser());
  }

  private void exec(String id, String process)
      throws TtrpcException, IOException, InterruptedException {
    peer.call(
        "Exec",
        ExecProcessRequest.newBuilder()
            .setId("c")
            .setExecId(id)
            .setTerminal(true)
            .setStdin("/in")
            .setStdout("/out")
            .setSpec(json("Process", process)));
  }

  @Test
  void anExecsWholeLife() throws TtrpcException, IOException, InterruptedException {
    exec("e", "{\"args\":[\"ls\"],\"cwd\":\"/tmp\",\"terminal\":false,\"oddity\":1}");
    var created = state("e");
    var started =
        peer.call(
            "Start", StartRequest.newBuilder().setId("c").setExecId("e"), StartResponse.parser());
    peer.call(
        "ResizePty",
        ResizePtyRequest.newBuilder().setId("c").setExecId("e").setWidth(80).setHeight(24));
    peer.call("CloseIO", CloseIORequest.newBuilder().setId("c").setExecId("e").setStdin(true));
    peer.call("CloseIO", CloseIORequest.newBuilder().setId("c").setExecId("e"));
    var running = state("e");
    peer.call("Kill", KillRequest.newBuilder().setId("c").setExecId("e").setSignal(15));
    var waited =
        peer.call(
            "Wait", WaitRequest.newBuilder().setId("c").setExecId("e"), WaitResponse.parser());
    var stopped = state("e");
    var deleted =
        peer.call(
            "Delete",
            DeleteRequest.newBuilder().setId("c").setExecId("e"),
            DeleteResponse.parser());

    var process = engine.container("c").exec("e");
    assertThat(process.request.process().json()).contains("\"terminal\":true").contains("oddity");
    assertThat(process.request.process().value().cwd()).isEqualTo("/tmp");
    assertThat(process.calls).containsExactly("resize 80,24", "closeStdin", "kill 15", "delete");
    assertThat(created.getStatus()).isEqualTo(Status.CREATED);
    assertThat(created.getPid()).isZero();
    assertThat(running.getStatus()).isEqualTo(Status.RUNNING);
    assertThat(running.getId()).isEqualTo("e");
    assertThat(running.getPid()).isEqualTo(started.getPid()).isPositive();
    assertThat(running.getStdin()).isEqualTo("/in");
    assertThat(running.getTerminal()).isTrue();
    assertThat(stopped.getStatus()).isEqualTo(Status.STOPPED);
    assertThat(waited.getExitStatus()).isEqualTo(143);
    assertThat(waited.getExitedAt())
        .isEqualTo(stopped.getExitedAt())
        .isEqualTo(deleted.getExitedAt());
    assertThat(deleted.getPid()).isEqualTo(started.getPid());
    assertThat(peer.nextEvents(3))
        .containsExactly("exec-added c/e", "exec-started c/e", "exit c/e 143");
    assertThat(state("").getStatus()).isEqualTo(Status.RUNNING);
  }

  @Test
  void thePidsOfExecsAreNamed() throws TtrpcException, IOException, InterruptedException {
    exec("e", "{\"args\":[\"ls\"]}");
    int pid =
        peer.call(
                "Start",
                StartRequest.newBuilder().setId("c").setExecId("e"),
                StartResponse.parser())
            .getPid();

    var pids = peer.call("Pids", PidsRequest.newBuilder().setId("c"), PidsResponse.parser());

    assertThat(pids.getProcessesCount()).isEqualTo(2);
    assertThat(pids.getProcesses(0).hasInfo()).isFalse();
    assertThat(pids.getProcesses(1).getPid()).isEqualTo(pid);
    assertThat(pids.getProcesses(1).getInfo().getTypeUrl())
        .isEqualTo("containerd.runc.v1.ProcessDetails");
    assertThat(ProcessDetails.parseFrom(pids.getProcesses(1).getInfo().getValue()).getExecId())
        .isEqualTo("e");
  }

  @Test
  void aContainerIsPausedResumedUpdatedAndCheckpointed()
      throws TtrpcException, IOException, InterruptedException {
    peer.call("Pause", PauseRequest.newBuilder().setId("c"));
    assertThat(state("").getStatus()).isEqualTo(Status.PAUSED);
    peer.call(
        "Checkpoint",
        CheckpointTaskRequest.newBuilder()
            .setId("c")
            .setPath("/images")
            .setOptions(
                Wire.any(
                    "containerd.runc.v1.CheckpointOptions",
                    CheckpointOptions.newBuilder().setExit(true).build())));
    peer.call("Resume", ResumeRequest.newBuilder().setId("c"));
    assertThat(state("").getStatus()).isEqualTo(Status.RUNNING);
    peer.call(
        "Update",
        UpdateTaskRequest.newBuilder()
            .setId("c")
            .setResources(json("LinuxResources", "{\"memory\":{\"limit\":1}}")));

    assertThat(engine.container("c").calls)
        .containsExactly(
            "pause", "checkpoint /images", "resume", "update {\"memory\":{\"limit\":1}}");
    assertThat(peer.nextEvents(3)).containsExactly("paused c", "checkpointed c", "resumed c");
  }
}
