package dev.krustlet.shim.rpc;

import static dev.krustlet.shim.rpc.TaskPeer.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import dev.krustlet.proto.task.v2.CheckpointTaskRequest;
import dev.krustlet.proto.task.v2.CloseIORequest;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.ExecProcessRequest;
import dev.krustlet.proto.task.v2.KillRequest;
import dev.krustlet.proto.task.v2.PauseRequest;
import dev.krustlet.proto.task.v2.PidsRequest;
import dev.krustlet.proto.task.v2.ResizePtyRequest;
import dev.krustlet.proto.task.v2.ResumeRequest;
import dev.krustlet.proto.task.v2.StartRequest;
import dev.krustlet.proto.task.v2.StateRequest;
import dev.krustlet.proto.task.v2.StatsRequest;
import dev.krustlet.proto.task.v2.UpdateTaskRequest;
import dev.krustlet.proto.task.v2.WaitRequest;
import dev.krustlet.shim.task.FakeEngine;
import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// What containerd reacts to: the class of each refusal, in both versions of the service.
@ParameterizedClass
@ValueSource(strings = {TaskPeer.V2, TaskPeer.V3})
@Timeout(30)
class ErrorCodesTest {
  private static final String TYPES = "types.containerd.io/opencontainers/runtime-spec/1/";

  @TempDir private Path directory;
  private final FakeEngine engine = new FakeEngine();
  private final String service;
  private TaskPeer peer;

  ErrorCodesTest(String service) {
    this.service = service;
  }

  @BeforeEach
  void serve() throws IOException {
    peer = TaskPeer.of(engine, directory, service);
    Files.writeString(directory.resolve("config.json"), "{\"ociVersion\":\"1.0.2\"}");
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
  }

  private void running() throws TtrpcException, IOException, InterruptedException {
    created();
    peer.call("Start", StartRequest.newBuilder().setId("c"));
  }

  private void created() throws TtrpcException, IOException, InterruptedException {
    peer.call("Create", CreateTaskRequest.newBuilder().setId("c").setBundle(directory.toString()));
  }

  private void ended() throws TtrpcException, IOException, InterruptedException {
    running();
    end();
  }

  private void end() throws TtrpcException, IOException, InterruptedException {
    engine.container("c").end(0);
    peer.call("Wait", WaitRequest.newBuilder().setId("c"));
  }

  private static Any json(String type, String document) {
    return Any.newBuilder()
        .setTypeUrl(TYPES + type)
        .setValue(ByteString.copyFrom(document, StandardCharsets.UTF_8))
        .build();
  }

  private static ExecProcessRequest.Builder exec(String container, String id) {
    return ExecProcessRequest.newBuilder()
        .setId(container)
        .setExecId(id)
        .setSpec(json("Process", "{\"args\":[\"x\"],\"cwd\":\"/\"}"));
  }

  private static KillRequest.Builder kill(String exec) {
    return KillRequest.newBuilder().setId("c").setExecId(exec).setSignal(9);
  }

  private void assertCall(String method, MessageLite.Builder q, Code code, String sentence) {
    assertRefused(() -> peer.call(method, q), code, sentence);
  }

  @Test
  void whatIsNotThereIsNotFound() throws TtrpcException, IOException, InterruptedException {
    Map.<String, MessageLite.Builder>ofEntries(
            Map.entry("Start", StartRequest.newBuilder().setId("x")),
            Map.entry("State", StateRequest.newBuilder().setId("x")),
            Map.entry("Wait", WaitRequest.newBuilder().setId("x")),
            Map.entry("Kill", KillRequest.newBuilder().setId("x").setSignal(9)),
            Map.entry("Delete", DeleteRequest.newBuilder().setId("x")),
            Map.entry("CloseIO", CloseIORequest.newBuilder().setId("x").setStdin(true)),
            Map.entry("ResizePty", ResizePtyRequest.newBuilder().setId("x")),
            Map.entry("Pids", PidsRequest.newBuilder().setId("x")),
            Map.entry("Stats", StatsRequest.newBuilder().setId("x")),
            Map.entry("Pause", PauseRequest.newBuilder().setId("x")),
            Map.entry("Resume", ResumeRequest.newBuilder().setId("x")),
            Map.entry("Checkpoint", CheckpointTaskRequest.newBuilder().setId("x")),
            Map.entry(
                "Update",
                UpdateTaskRequest.newBuilder()
                    .setId("x")
                    .setResources(json("LinuxResources", "{}"))),
            Map.entry("Exec", exec("x", "e")))
        .forEach((method, q) -> assertCall(method, q, Code.NOT_FOUND, "container not created: x"));
    running();
    Map.<String, MessageLite.Builder>of(
            "Start", StartRequest.newBuilder().setId("c").setExecId("e"),
            "State", StateRequest.newBuilder().setId("c").setExecId("e"),
            "Wait", WaitRequest.newBuilder().setId("c").setExecId("e"),
            "Kill", kill("e"),
            "Delete", DeleteRequest.newBuilder().setId("c").setExecId("e"),
            "CloseIO", CloseIORequest.newBuilder().setId("c").setExecId("e"),
            "ResizePty", ResizePtyRequest.newBuilder().setId("c").setExecId("e"))
        .forEach((method, q) -> assertCall(method, q, Code.NOT_FOUND, "exec e of container c"));
  }

  @Test
  void whatHasEndedIsNotFoundByKillAndDelete()
      throws TtrpcException, IOException, InterruptedException {
    running();
    peer.call("Exec", exec("c", "e"));
    peer.call("Start", StartRequest.newBuilder().setId("c").setExecId("e"));
    engine.container("c").exec("e").end(0);
    peer.call("Wait", WaitRequest.newBuilder().setId("c").setExecId("e"));
    assertCall("Kill", kill("e"), Code.NOT_FOUND, "process already finished: e");
    peer.call("Delete", DeleteRequest.newBuilder().setId("c").setExecId("e"));
    assertCall(
        "Delete",
        DeleteRequest.newBuilder().setId("c").setExecId("e"),
        Code.NOT_FOUND,
        "exec e of container c");
    end();
    assertCall("Kill", kill(""), Code.NOT_FOUND, "process already finished: c");
    peer.call("Delete", DeleteRequest.newBuilder().setId("c"));
    assertCall("Delete", DeleteRequest.newBuilder().setId("c"), Code.NOT_FOUND, "not created");
    assertCall("Kill", kill(""), Code.NOT_FOUND, "not created");
  }

  @Test
  void anIdInUseExistsAlready() throws TtrpcException, IOException, InterruptedException {
    running();
    peer.call("Exec", exec("c", "e"));

    assertCall("Exec", exec("c", "e"), Code.ALREADY_EXISTS, "exec e of container c exists");
    assertRefused(this::created, Code.ALREADY_EXISTS, "container c exists");
  }

  @Test
  void anExecWithoutItsContainerOrItsStartIsAFailedPrecondition()
      throws TtrpcException, IOException, InterruptedException {
    running();
    peer.call("Exec", exec("c", "e"));

    assertCall("Kill", kill("e"), Code.FAILED_PRECONDITION, "exec e has not started");
    end();
    assertCall(
        "Start",
        StartRequest.newBuilder().setId("c").setExecId("e"),
        Code.FAILED_PRECONDITION,
        "its container has ended");
  }

  @Test
  void aCallThatIsNotOursIsUnimplemented() throws IOException {
    assertCall("Fork", Empty.newBuilder(), Code.UNIMPLEMENTED, "Fork");
  }

  @Test
  void aWrongStateHasNoClassAndASentence()
      throws TtrpcException, IOException, InterruptedException {
    created();
    assertCall(
        "Pause", PauseRequest.newBuilder().setId("c"), Code.UNKNOWN, "cannot pause a created");
    assertCall(
        "Checkpoint",
        CheckpointTaskRequest.newBuilder().setId("c"),
        Code.UNKNOWN,
        "cannot checkpoint a created");
    peer.call("Start", StartRequest.newBuilder().setId("c"));
    assertCall(
        "Start", StartRequest.newBuilder().setId("c"), Code.UNKNOWN, "cannot start a running");
    assertCall(
        "Delete", DeleteRequest.newBuilder().setId("c"), Code.UNKNOWN, "cannot delete a running");
    assertCall(
        "Resume", ResumeRequest.newBuilder().setId("c"), Code.UNKNOWN, "cannot resume a running");
    end();
    assertCall("Exec", exec("c", "e"), Code.UNKNOWN, "stopped");
    assertCall(
        "Update",
        UpdateTaskRequest.newBuilder().setId("c").setResources(json("LinuxResources", "{}")),
        Code.UNKNOWN,
        "cannot update a stopped");
  }

  @Test
  void documentsThatAreNoneAreInvalid() throws TtrpcException, IOException, InterruptedException {
    running();

    assertCall(
        "Exec",
        exec("c", "e").setSpec(json("Process", "{\"args\":7}")),
        Code.INVALID_ARGUMENT,
        "exec e: process spec");
    assertCall(
        "Exec", exec("c", "e").setSpec(json("Spec", "{}")), Code.INVALID_ARGUMENT, "type Process");
    assertCall("Exec", exec("c", "../e"), Code.INVALID_ARGUMENT, "must match");
    assertCall(
        "Update",
        UpdateTaskRequest.newBuilder().setId("c").setResources(json("LinuxResources", "[]")),
        Code.INVALID_ARGUMENT,
        "update: resources");
    assertCall(
        "Checkpoint",
        CheckpointTaskRequest.newBuilder()
            .setId("c")
            .setPath("/i")
            .setOptions(Any.newBuilder().setTypeUrl("some.Options")),
        Code.INVALID_ARGUMENT,
        "some.Options");
  }

  @Test
  void aContainerThatHasEndedStillAnswers()
      throws TtrpcException, IOException, InterruptedException {
    ended();

    peer.call("State", StateRequest.newBuilder().setId("c"));
    peer.call("Stats", StatsRequest.newBuilder().setId("c"));
    peer.call("CloseIO", CloseIORequest.newBuilder().setId("c").setStdin(true));
    peer.call("ResizePty", ResizePtyRequest.newBuilder().setId("c").setWidth(1).setHeight(1));
    assertThat(engine.container("c").calls).containsExactly("closeStdin");
  }
}
