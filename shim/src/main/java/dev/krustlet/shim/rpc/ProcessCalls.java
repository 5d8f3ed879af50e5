package dev.krustlet.shim.rpc;

import com.google.protobuf.Empty;
import dev.krustlet.proto.task.v2.CloseIORequest;
import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.proto.task.v2.ExecProcessRequest;
import dev.krustlet.proto.task.v2.KillRequest;
import dev.krustlet.proto.task.v2.ResizePtyRequest;
import dev.krustlet.proto.task.v2.StartRequest;
import dev.krustlet.proto.task.v2.StartResponse;
import dev.krustlet.proto.task.v2.StateRequest;
import dev.krustlet.proto.task.v2.StateResponse;
import dev.krustlet.proto.task.v2.WaitRequest;
import dev.krustlet.proto.task.v2.WaitResponse;
import dev.krustlet.proto.types.v1.Status;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.task.Deleted;
import dev.krustlet.shim.task.TaskProcess;
import dev.krustlet.shim.task.TaskService;
import dev.krustlet.shim.task.TaskState;
import dev.krustlet.shim.task.TaskView;

/// The calls about one process: a container's init, or an exec by its id.
record ProcessCalls(TaskService tasks) {
  void join(TaskApi api) {
    api.method("Exec", ExecProcessRequest.parser(), this::exec);
    api.method("Start", StartRequest.parser(), this::start);
    api.method("State", StateRequest.parser(), this::state);
    api.method("Wait", WaitRequest.parser(), this::await);
    api.method("Kill", KillRequest.parser(), this::kill);
    api.method("Delete", DeleteRequest.parser(), this::delete);
    api.method("CloseIO", CloseIORequest.parser(), this::closeIo);
    api.method("ResizePty", ResizePtyRequest.parser(), this::resize);
  }

  private TaskProcess process(String id, String exec) throws TaskException {
    return tasks.process(id, exec);
  }

  private Empty exec(ExecProcessRequest q) throws TaskException, InterruptedException {
    tasks.exec(q.getId(), Requests.exec(q));
    return Empty.getDefaultInstance();
  }

  private StartResponse start(StartRequest q) throws TaskException, InterruptedException {
    int pid = process(q.getId(), q.getExecId()).start();
    return StartResponse.newBuilder().setPid(pid).build();
  }

  private StateResponse state(StateRequest q) throws TaskException {
    TaskView view = process(q.getId(), q.getExecId()).view();
    var answer =
        StateResponse.newBuilder()
            .setId(view.id())
            .setBundle(view.bundle().toString())
            .setPid(view.pid())
            .setStdin(view.stdio().stdin())
            .setStdout(view.stdio().stdout())
            .setStderr(view.stdio().stderr())
            .setTerminal(view.stdio().terminal());
    switch (view.state()) {
      case TaskState.Created _ -> answer.setStatus(Status.CREATED);
      case TaskState.Running _ -> answer.setStatus(Status.RUNNING);
      case TaskState.Paused _ -> answer.setStatus(Status.PAUSED);
      case TaskState.Stopped(Exit exit) ->
          answer
              .setStatus(Status.STOPPED)
              .setExitStatus(exit.status())
              .setExitedAt(Wire.timestamp(exit.at()));
    }
    return answer.build();
  }

  private WaitResponse await(WaitRequest q) throws TaskException, InterruptedException {
    Exit exit = process(q.getId(), q.getExecId()).await();
    return WaitResponse.newBuilder()
        .setExitStatus(exit.status())
        .setExitedAt(Wire.timestamp(exit.at()))
        .build();
  }

  private Empty kill(KillRequest q) throws TaskException, InterruptedException {
    process(q.getId(), q.getExecId()).kill(q.getSignal(), q.getAll());
    return Empty.getDefaultInstance();
  }

  private DeleteResponse delete(DeleteRequest q) throws TaskException, InterruptedException {
    var deleted =
        q.getExecId().isEmpty()
            ? tasks.delete(q.getId())
            : tasks.deleteExec(q.getId(), q.getExecId());
    return answer(deleted);
  }

  static DeleteResponse answer(Deleted deleted) {
    return DeleteResponse.newBuilder()
        .setPid(deleted.pid())
        .setExitStatus(deleted.exit().status())
        .setExitedAt(Wire.timestamp(deleted.exit().at()))
        .build();
  }

  private Empty closeIo(CloseIORequest q) throws TaskException, InterruptedException {
    var process = process(q.getId(), q.getExecId());
    if (q.getStdin()) {
      process.closeStdin();
    }
    return Empty.getDefaultInstance();
  }

  private Empty resize(ResizePtyRequest q) throws TaskException, InterruptedException {
    process(q.getId(), q.getExecId()).resize(new TerminalSize(q.getWidth(), q.getHeight()));
    return Empty.getDefaultInstance();
  }
}
