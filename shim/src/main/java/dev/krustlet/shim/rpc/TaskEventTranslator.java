package dev.krustlet.shim.rpc;

import com.google.protobuf.MessageLite;
import dev.krustlet.proto.events.TaskCheckpointed;
import dev.krustlet.proto.events.TaskCreate;
import dev.krustlet.proto.events.TaskDelete;
import dev.krustlet.proto.events.TaskExecAdded;
import dev.krustlet.proto.events.TaskExecStarted;
import dev.krustlet.proto.events.TaskExit;
import dev.krustlet.proto.events.TaskIO;
import dev.krustlet.proto.events.TaskOOM;
import dev.krustlet.proto.events.TaskPaused;
import dev.krustlet.proto.events.TaskResumed;
import dev.krustlet.proto.events.TaskStart;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.events.EventForwarder;
import dev.krustlet.shim.task.TaskEvent;
import dev.krustlet.shim.task.TaskEvents;

/// Says tasks' events in containerd's words.
public final class TaskEventTranslator implements TaskEvents {
  private final EventForwarder forwarder;

  public TaskEventTranslator(EventForwarder forwarder) {
    this.forwarder = forwarder;
  }

  @Override
  public void publish(TaskEvent event) {
    switch (event) {
      case TaskEvent.Created e -> publish("create", "TaskCreate", create(e));
      case TaskEvent.Started e ->
          publish(
              "start",
              "TaskStart",
              TaskStart.newBuilder().setContainerId(e.id()).setPid(e.pid()).build());
      case TaskEvent.ExecAdded e ->
          publish(
              "exec-added",
              "TaskExecAdded",
              TaskExecAdded.newBuilder().setContainerId(e.id()).setExecId(e.exec()).build());
      case TaskEvent.ExecStarted e -> publish("exec-started", "TaskExecStarted", execStarted(e));
      case TaskEvent.Paused e ->
          publish("paused", "TaskPaused", TaskPaused.newBuilder().setContainerId(e.id()).build());
      case TaskEvent.Resumed e ->
          publish(
              "resumed", "TaskResumed", TaskResumed.newBuilder().setContainerId(e.id()).build());
      case TaskEvent.Checkpointed e ->
          publish(
              "checkpointed",
              "TaskCheckpointed",
              TaskCheckpointed.newBuilder()
                  .setContainerId(e.id())
                  .setCheckpoint(e.images().toString())
                  .build());
      case TaskEvent.OutOfMemory e ->
          publish("oom", "TaskOOM", TaskOOM.newBuilder().setContainerId(e.id()).build());
      case TaskEvent.Exited e -> publish("exit", "TaskExit", exit(e));
      case TaskEvent.Deleted e -> publish("delete", "TaskDelete", delete(e));
    }
  }

  private void publish(String topic, String type, MessageLite message) {
    forwarder.publish("/tasks/" + topic, "containerd.events." + type, message);
  }

  private static TaskExecStarted execStarted(TaskEvent.ExecStarted e) {
    return TaskExecStarted.newBuilder()
        .setContainerId(e.id())
        .setExecId(e.exec())
        .setPid(e.pid())
        .build();
  }

  private static TaskCreate create(TaskEvent.Created e) {
    Stdio io = e.stdio();
    var message =
        TaskCreate.newBuilder()
            .setContainerId(e.id())
            .setBundle(e.bundle().toString())
            .setIo(
                TaskIO.newBuilder()
                    .setStdin(io.stdin())
                    .setStdout(io.stdout())
                    .setStderr(io.stderr())
                    .setTerminal(io.terminal()))
            .setPid(e.pid());
    e.rootfs().forEach(mount -> message.addRootfs(Wire.mount(mount)));
    return message.build();
  }

  private static TaskExit exit(TaskEvent.Exited e) {
    return TaskExit.newBuilder()
        .setContainerId(e.id())
        .setId(e.process())
        .setPid(e.pid())
        .setExitStatus(e.exit().status())
        .setExitedAt(Wire.timestamp(e.exit().at()))
        .build();
  }

  private static TaskDelete delete(TaskEvent.Deleted e) {
    return TaskDelete.newBuilder()
        .setContainerId(e.id())
        .setId(e.id())
        .setPid(e.pid())
        .setExitStatus(e.exit().status())
        .setExitedAt(Wire.timestamp(e.exit().at()))
        .build();
  }
}
