package dev.krustlet.shim.rpc;

import com.google.protobuf.Empty;
import dev.krustlet.proto.runc.v1.ProcessDetails;
import dev.krustlet.proto.task.v2.CheckpointTaskRequest;
import dev.krustlet.proto.task.v2.ConnectRequest;
import dev.krustlet.proto.task.v2.ConnectResponse;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.CreateTaskResponse;
import dev.krustlet.proto.task.v2.PauseRequest;
import dev.krustlet.proto.task.v2.PidsRequest;
import dev.krustlet.proto.task.v2.PidsResponse;
import dev.krustlet.proto.task.v2.ResumeRequest;
import dev.krustlet.proto.task.v2.ShutdownRequest;
import dev.krustlet.proto.task.v2.StatsRequest;
import dev.krustlet.proto.task.v2.StatsResponse;
import dev.krustlet.proto.task.v2.UpdateTaskRequest;
import dev.krustlet.proto.types.v1.ProcessInfo;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.task.TaskPid;
import dev.krustlet.shim.task.TaskService;

/// The calls about a container as a whole.
record ContainerCalls(TaskService tasks, CgroupVersion cgroups, int daemonPid) {
  void join(TaskApi api) {
    api.method("Create", CreateTaskRequest.parser(), this::create);
    api.method("Pids", PidsRequest.parser(), this::pids);
    api.method("Stats", StatsRequest.parser(), this::stats);
    api.method("Pause", PauseRequest.parser(), this::pause);
    api.method("Resume", ResumeRequest.parser(), this::resume);
    api.method("Update", UpdateTaskRequest.parser(), this::update);
    api.method("Checkpoint", CheckpointTaskRequest.parser(), this::checkpoint);
    api.method("Connect", ConnectRequest.parser(), this::connect);
    // The daemon serves many pods and leaves when it is idle, not when one of them is done with it.
    api.method("Shutdown", ShutdownRequest.parser(), _ -> Empty.getDefaultInstance());
  }

  private CreateTaskResponse create(CreateTaskRequest q)
      throws TaskException, InterruptedException {
    int pid = tasks.create(CreateRequests.read(q));
    return CreateTaskResponse.newBuilder().setPid(pid).build();
  }

  private PidsResponse pids(PidsRequest q) throws TaskException, InterruptedException {
    var answer = PidsResponse.newBuilder();
    tasks.pids(q.getId()).forEach(pid -> answer.addProcesses(info(pid)));
    return answer.build();
  }

  private static ProcessInfo info(TaskPid pid) {
    var info = ProcessInfo.newBuilder().setPid(pid.pid());
    if (!pid.exec().isEmpty()) {
      var details = ProcessDetails.newBuilder().setExecId(pid.exec()).build();
      info.setInfo(Wire.any("containerd.runc.v1.ProcessDetails", details));
    }
    return info.build();
  }

  private StatsResponse stats(StatsRequest q) throws TaskException, InterruptedException {
    return StatsResponse.newBuilder().setStats(Metrics.of(tasks.stats(q.getId()), cgroups)).build();
  }

  private Empty pause(PauseRequest q) throws TaskException, InterruptedException {
    tasks.pause(q.getId());
    return Empty.getDefaultInstance();
  }

  private Empty resume(ResumeRequest q) throws TaskException, InterruptedException {
    tasks.resume(q.getId());
    return Empty.getDefaultInstance();
  }

  private Empty update(UpdateTaskRequest q) throws TaskException, InterruptedException {
    tasks.update(q.getId(), Requests.resources(q));
    return Empty.getDefaultInstance();
  }

  private Empty checkpoint(CheckpointTaskRequest q) throws TaskException, InterruptedException {
    tasks.checkpoint(q.getId(), Requests.checkpoint(q));
    return Empty.getDefaultInstance();
  }

  /// Never an error: containerd takes it for a sign of life.
  private ConnectResponse connect(ConnectRequest q) {
    return ConnectResponse.newBuilder()
        .setShimPid(daemonPid)
        .setTaskPid(tasks.pid(q.getId()).orElse(0))
        .setVersion("v2")
        .build();
  }
}
