package dev.krustlet.testbed.api;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import dev.krustlet.proto.services.tasks.CreateTaskRequest;
import dev.krustlet.proto.services.tasks.CreateTaskResponse;
import dev.krustlet.proto.services.tasks.DeleteProcessRequest;
import dev.krustlet.proto.services.tasks.DeleteResponse;
import dev.krustlet.proto.services.tasks.DeleteTaskRequest;
import dev.krustlet.proto.services.tasks.ExecProcessRequest;
import dev.krustlet.proto.services.tasks.KillRequest;
import dev.krustlet.proto.services.tasks.ListPidsRequest;
import dev.krustlet.proto.services.tasks.ListPidsResponse;
import dev.krustlet.proto.services.tasks.ListTasksRequest;
import dev.krustlet.proto.services.tasks.ListTasksResponse;
import dev.krustlet.proto.services.tasks.PauseTaskRequest;
import dev.krustlet.proto.services.tasks.ResumeTaskRequest;
import dev.krustlet.proto.services.tasks.StartRequest;
import dev.krustlet.proto.services.tasks.StartResponse;
import dev.krustlet.proto.services.tasks.WaitRequest;
import dev.krustlet.proto.services.tasks.WaitResponse;
import dev.krustlet.proto.types.Mount;
import dev.krustlet.proto.types.v1.Process;
import dev.krustlet.proto.types.v1.ProcessInfo;
import java.nio.file.Path;
import java.util.List;

/// containerd's task service. An exec of the empty name is the container's first process.
public record Tasks(Containerd containerd) {
  private static final String PROCESS = "types.containerd.io/opencontainers/runtime-spec/1/Process";

  private <A extends Message> A ask(String name, Message question, A answer) throws CallException {
    return containerd.ask(
        Call.of("tasks.v1.Tasks/" + name, question.getDefaultInstanceForType(), answer), question);
  }

  public List<Process> list() throws CallException {
    var all = ListTasksRequest.getDefaultInstance();
    return ask("List", all, ListTasksResponse.getDefaultInstance()).getTasksList();
  }

  /// @param root a directory that becomes the root
  /// @return the pid
  public int create(String id, Path root, Path out, Path err) throws CallException {
    var bind = Mount.newBuilder().setType("bind").setSource(root.toString()).addOptions("rbind");
    var request =
        CreateTaskRequest.newBuilder()
            .setContainerId(id)
            .addRootfs(bind)
            .setStdout(out.toString())
            .setStderr(err.toString());
    return ask("Create", request.build(), CreateTaskResponse.getDefaultInstance()).getPid();
  }

  public int start(String id, String exec) throws CallException {
    var request = StartRequest.newBuilder().setContainerId(id).setExecId(exec);
    return ask("Start", request.build(), StartResponse.getDefaultInstance()).getPid();
  }

  /// @param process the OCI spec's, as JSON
  public void exec(String id, String exec, String process, Path out, Path err)
      throws CallException {
    var request =
        ExecProcessRequest.newBuilder()
            .setContainerId(id)
            .setExecId(exec)
            .setSpec(Containers.json(PROCESS, process))
            .setStdout(out.toString())
            .setStderr(err.toString());
    ask("Exec", request.build(), Empty.getDefaultInstance());
  }

  public void kill(String id, String exec, int signal) throws CallException {
    var request =
        KillRequest.newBuilder().setContainerId(id).setExecId(exec).setSignal(signal).build();
    ask("Kill", request, Empty.getDefaultInstance());
  }

  public void pause(String id) throws CallException {
    ask(
        "Pause",
        PauseTaskRequest.newBuilder().setContainerId(id).build(),
        Empty.getDefaultInstance());
  }

  public void resume(String id) throws CallException {
    ask(
        "Resume",
        ResumeTaskRequest.newBuilder().setContainerId(id).build(),
        Empty.getDefaultInstance());
  }

  public List<Integer> pids(String id) throws CallException {
    var request = ListPidsRequest.newBuilder().setContainerId(id).build();
    return ask("ListPids", request, ListPidsResponse.getDefaultInstance())
        .getProcessesList()
        .stream()
        .map(ProcessInfo::getPid)
        .toList();
  }

  public Ended await(String id, String exec) throws CallException {
    var request = WaitRequest.newBuilder().setContainerId(id).setExecId(exec).build();
    var answer = ask("Wait", request, WaitResponse.getDefaultInstance());
    return Ended.of(answer.getExitStatus(), answer.getExitedAt());
  }

  public Ended delete(String id, String exec) throws CallException {
    Message request =
        exec.isEmpty()
            ? DeleteTaskRequest.newBuilder().setContainerId(id).build()
            : DeleteProcessRequest.newBuilder().setContainerId(id).setExecId(exec).build();
    var answer =
        ask(
            exec.isEmpty() ? "Delete" : "DeleteProcess",
            request,
            DeleteResponse.getDefaultInstance());
    return Ended.of(answer.getExitStatus(), answer.getExitedAt());
  }
}
