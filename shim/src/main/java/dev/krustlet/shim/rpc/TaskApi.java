package dev.krustlet.shim.rpc;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.krustlet.proto.task.v2.CheckpointTaskRequest;
import dev.krustlet.proto.task.v2.CloseIORequest;
import dev.krustlet.proto.task.v2.ConnectRequest;
import dev.krustlet.proto.task.v2.ConnectResponse;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.CreateTaskResponse;
import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.proto.task.v2.ExecProcessRequest;
import dev.krustlet.proto.task.v2.KillRequest;
import dev.krustlet.proto.task.v2.PauseRequest;
import dev.krustlet.proto.task.v2.PidsRequest;
import dev.krustlet.proto.task.v2.PidsResponse;
import dev.krustlet.proto.task.v2.ResizePtyRequest;
import dev.krustlet.proto.task.v2.ResumeRequest;
import dev.krustlet.proto.task.v2.ShutdownRequest;
import dev.krustlet.proto.task.v2.StartRequest;
import dev.krustlet.proto.task.v2.StartResponse;
import dev.krustlet.proto.task.v2.StateRequest;
import dev.krustlet.proto.task.v2.StateResponse;
import dev.krustlet.proto.task.v2.StatsRequest;
import dev.krustlet.proto.task.v2.StatsResponse;
import dev.krustlet.proto.task.v2.UpdateTaskRequest;
import dev.krustlet.proto.task.v2.WaitRequest;
import dev.krustlet.proto.task.v2.WaitResponse;
import dev.krustlet.proto.types.v1.ProcessInfo;
import dev.krustlet.proto.types.v1.Status;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.task.TaskService;
import dev.krustlet.shim.task.TaskState;
import dev.krustlet.shim.task.TaskView;
import dev.krustlet.ttrpc.CallContext;
import dev.krustlet.ttrpc.Service;
import dev.krustlet.ttrpc.TtrpcException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// containerd's Task service. The messages of v3 are those of v2 byte for byte, so one
/// implementation, on v2's classes, stands under both names.
public final class TaskApi {
  /// What answers one method; refusals are translated in one place.
  private interface Answer<Q, R> {
    R to(Q request) throws TaskException, InterruptedException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(TaskApi.class);
  private static final String NAMESPACE = "containerd-namespace-ttrpc";

  private final TaskService tasks;
  private final String namespace;
  private final CgroupVersion cgroups;
  private final int daemonPid;

  private TaskApi(TaskService tasks, String namespace, CgroupVersion cgroups, int daemonPid) {
    this.tasks = tasks;
    this.namespace = namespace;
    this.cgroups = cgroups;
    this.daemonPid = daemonPid;
  }

  /// The services to serve.
  public static List<Service> services(
      TaskService tasks, String namespace, CgroupVersion cgroups, int daemonPid) {
    var api = new TaskApi(tasks, namespace, cgroups, daemonPid);
    return List.of(api.named("containerd.task.v2.Task"), api.named("containerd.task.v3.Task"));
  }

  private Service named(String name) {
    var service = Service.named(name);
    method(service, "Create", CreateTaskRequest.parser(), this::create);
    method(service, "Start", StartRequest.parser(), this::start);
    method(service, "State", StateRequest.parser(), this::state);
    method(service, "Wait", WaitRequest.parser(), this::await);
    method(service, "Kill", KillRequest.parser(), this::kill);
    method(service, "Delete", DeleteRequest.parser(), this::delete);
    method(service, "Pids", PidsRequest.parser(), this::pids);
    method(service, "Stats", StatsRequest.parser(), this::stats);
    method(service, "CloseIO", CloseIORequest.parser(), this::closeIo);
    method(service, "Connect", ConnectRequest.parser(), this::connect);
    // The daemon serves many pods and leaves when it is idle, not when one of them is done with it.
    method(service, "Shutdown", ShutdownRequest.parser(), _ -> Empty.getDefaultInstance());
    unimplemented(service, "Exec", ExecProcessRequest.parser());
    unimplemented(service, "ResizePty", ResizePtyRequest.parser());
    unimplemented(service, "Pause", PauseRequest.parser());
    unimplemented(service, "Resume", ResumeRequest.parser());
    unimplemented(service, "Checkpoint", CheckpointTaskRequest.parser());
    unimplemented(service, "Update", UpdateTaskRequest.parser());
    return service.build();
  }

  private <Q extends MessageLite, R extends MessageLite> void method(
      Service.Builder service, String name, Parser<Q> parser, Answer<Q, R> answer) {
    service.method(name, parser, (context, request) -> answered(name, context, request, answer));
  }

  private <Q extends MessageLite> void unimplemented(
      Service.Builder service, String name, Parser<Q> parser) {
    method(
        service,
        name,
        parser,
        _ -> {
          throw new TaskException(Code.UNIMPLEMENTED, "krustlet does not implement " + name);
        });
  }

  private <Q, R> R answered(String name, CallContext context, Q request, Answer<Q, R> answer)
      throws TtrpcException, InterruptedException {
    try {
      checkNamespace(context);
      return answer.to(request);
    } catch (TaskException e) {
      LOG.debug("{} refused", name, e);
      throw Wire.refusal(e);
    } catch (RuntimeException e) {
      LOG.warn("{} failed", name, e);
      throw new TtrpcException(dev.krustlet.ttrpc.Code.UNKNOWN, name + " failed: " + e, e);
    }
  }

  private void checkNamespace(CallContext context) throws TaskException {
    String asked = context.metadata(NAMESPACE).orElse(namespace);
    if (!asked.equals(namespace)) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "this daemon serves namespace %s, not %s".formatted(namespace, asked));
    }
  }

  private CreateTaskResponse create(CreateTaskRequest q)
      throws TaskException, InterruptedException {
    int pid = tasks.create(CreateRequests.read(q));
    return CreateTaskResponse.newBuilder().setPid(pid).build();
  }

  private StartResponse start(StartRequest q) throws TaskException, InterruptedException {
    initOnly(q.getId(), q.getExecId());
    return StartResponse.newBuilder().setPid(tasks.start(q.getId())).build();
  }

  private StateResponse state(StateRequest q) throws TaskException {
    initOnly(q.getId(), q.getExecId());
    TaskView task = tasks.state(q.getId());
    var answer =
        StateResponse.newBuilder()
            .setId(task.id())
            .setBundle(task.bundle().toString())
            .setPid(task.pid())
            .setStdin(task.stdio().stdin())
            .setStdout(task.stdio().stdout())
            .setStderr(task.stdio().stderr())
            .setTerminal(task.stdio().terminal());
    switch (task.state()) {
      case TaskState.Created _ -> answer.setStatus(Status.CREATED);
      case TaskState.Running _ -> answer.setStatus(Status.RUNNING);
      case TaskState.Stopped(Exit exit) ->
          answer
              .setStatus(Status.STOPPED)
              .setExitStatus(exit.status())
              .setExitedAt(Wire.timestamp(exit.at()));
    }
    return answer.build();
  }

  private WaitResponse await(WaitRequest q) throws TaskException, InterruptedException {
    initOnly(q.getId(), q.getExecId());
    Exit exit = tasks.await(q.getId());
    return WaitResponse.newBuilder()
        .setExitStatus(exit.status())
        .setExitedAt(Wire.timestamp(exit.at()))
        .build();
  }

  private Empty kill(KillRequest q) throws TaskException, InterruptedException {
    initOnly(q.getId(), q.getExecId());
    tasks.kill(q.getId(), q.getSignal(), q.getAll());
    return Empty.getDefaultInstance();
  }

  private DeleteResponse delete(DeleteRequest q) throws TaskException, InterruptedException {
    initOnly(q.getId(), q.getExecId());
    var deleted = tasks.delete(q.getId());
    return DeleteResponse.newBuilder()
        .setPid(deleted.pid())
        .setExitStatus(deleted.exit().status())
        .setExitedAt(Wire.timestamp(deleted.exit().at()))
        .build();
  }

  private PidsResponse pids(PidsRequest q) throws TaskException, InterruptedException {
    var answer = PidsResponse.newBuilder();
    tasks.pids(q.getId()).forEach(pid -> answer.addProcesses(ProcessInfo.newBuilder().setPid(pid)));
    return answer.build();
  }

  private StatsResponse stats(StatsRequest q) throws TaskException, InterruptedException {
    return StatsResponse.newBuilder().setStats(Metrics.of(tasks.stats(q.getId()), cgroups)).build();
  }

  private Empty closeIo(CloseIORequest q) throws TaskException, InterruptedException {
    initOnly(q.getId(), q.getExecId());
    if (q.getStdin()) {
      tasks.closeStdin(q.getId());
    }
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

  /// There are no execs yet, so there is none of that name.
  private static void initOnly(String id, String execId) throws TaskException {
    if (!execId.isEmpty()) {
      throw new TaskException(
          Code.NOT_FOUND, "exec %s of container %s: not found".formatted(execId, id));
    }
  }
}
