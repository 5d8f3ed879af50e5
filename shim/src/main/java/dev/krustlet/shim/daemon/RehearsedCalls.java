package dev.krustlet.shim.daemon;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.krustlet.proto.runtimeoptions.v1.Options;
import dev.krustlet.proto.task.v2.ConnectRequest;
import dev.krustlet.proto.task.v2.ConnectResponse;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.CreateTaskResponse;
import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.proto.task.v2.KillRequest;
import dev.krustlet.proto.task.v2.StartRequest;
import dev.krustlet.proto.task.v2.StartResponse;
import dev.krustlet.proto.task.v2.StateRequest;
import dev.krustlet.proto.task.v2.StateResponse;
import dev.krustlet.proto.task.v2.StatsRequest;
import dev.krustlet.proto.task.v2.StatsResponse;
import dev.krustlet.proto.task.v2.WaitRequest;
import dev.krustlet.proto.task.v2.WaitResponse;
import dev.krustlet.proto.types.Mount;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// What containerd asks of a daemon, each way once.
///
/// @param directory for bundles
record RehearsedCalls(TtrpcClient client, Path directory) {
  private static final String SERVICE = "containerd.task.v2.Task";
  private static final CallOptions CALL = CallOptions.timeout(Duration.ofSeconds(30));

  /// Of a container whose program does not exist, and of one that does not exist itself.
  void refused() throws TtrpcException, IOException, InterruptedException {
    call("Connect", ConnectRequest.getDefaultInstance(), ConnectResponse.parser());
    tryCall("Create", create("none", "/none").build(), CreateTaskResponse.parser());
    tryCall("State", StateRequest.newBuilder().setId("none").build(), StateResponse.parser());
  }

  /// Of a native container. In the place of runc stands a program that refuses everything: a build
  /// may be without runc and its rights.
  void runc() throws IOException, InterruptedException {
    var request = create("native", "/run.sh");
    Files.writeString(rootfs("native").resolve("run.sh"), "#!/bin/sh\n");
    var refusing =
        Options.newBuilder().setConfigBody(ByteString.copyFromUtf8("BinaryName = \"false\""));
    request.setOptions(
        Any.newBuilder()
            .setTypeUrl("runtimeoptions.v1.Options")
            .setValue(refusing.build().toByteString()));
    tryCall("Create", request.build(), CreateTaskResponse.parser());
  }

  /// Of a wasm container, from its start to its end.
  ///
  /// @param refused whether it cannot be made: without root its mounts are refused
  void wasm(Path module, boolean refused) throws TtrpcException, IOException, InterruptedException {
    var request = create("wasm", "/hello.wasm");
    Path image = Files.createDirectory(directory.resolve("image"));
    Files.copy(module, image.resolve("hello.wasm"));
    request.addRootfs(
        Mount.newBuilder().setType("bind").setSource(image.toString()).addOptions("rbind"));
    if (refused) {
      tryCall("Create", request.build(), CreateTaskResponse.parser());
    } else {
      call("Create", request.build(), CreateTaskResponse.parser());
      life();
    }
  }

  private void life() throws TtrpcException, IOException, InterruptedException {
    call("Start", StartRequest.newBuilder().setId("wasm").build(), StartResponse.parser());
    call("Wait", WaitRequest.newBuilder().setId("wasm").build(), WaitResponse.parser());
    call("State", StateRequest.newBuilder().setId("wasm").build(), StateResponse.parser());
    tryCall("Stats", StatsRequest.newBuilder().setId("wasm").build(), StatsResponse.parser());
    tryCall("Kill", KillRequest.newBuilder().setId("wasm").setSignal(9).build(), Empty.parser());
    call("Delete", DeleteRequest.newBuilder().setId("wasm").build(), DeleteResponse.parser());
  }

  private CreateTaskRequest.Builder create(String id, String program) throws IOException {
    Path bundle = Files.createDirectory(directory.resolve(id));
    Files.createDirectory(rootfs(id));
    Files.writeString(bundle.resolve("config.json"), config(program));
    return CreateTaskRequest.newBuilder().setId(id).setBundle(bundle.toString());
  }

  private static String config(String program) {
    return """
    {
      "ociVersion": "1.0.2",
      "process": {"args": ["%s"], "env": ["PATH=/bin"], "cwd": "/", "user": {"uid": 0, "gid": 0}},
      "root": {"path": "rootfs"},
      "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid"]}
      ],
      "linux": {"resources": {"memory": {"limit": 67108864}}, "namespaces": [{"type": "mount"}]}
    }
    """
        .formatted(program);
  }

  private Path rootfs(String id) {
    return directory.resolve(id).resolve("rootfs");
  }

  private <R extends MessageLite> void call(String method, MessageLite request, Parser<R> parser)
      throws TtrpcException, IOException, InterruptedException {
    client.call(SERVICE, method, request, parser, CALL);
  }

  /// Makes a call that may be refused: the way to the refusal is what is rehearsed then.
  private <R extends MessageLite> void tryCall(String method, MessageLite request, Parser<R> parser)
      throws IOException, InterruptedException {
    try {
      call(method, request, parser);
    } catch (TtrpcException _) {
      // as it may be
    }
  }
}
