package dev.krustlet.shim.rpc;

import dev.krustlet.proto.events.TaskCreate;
import dev.krustlet.proto.events.TaskDelete;
import dev.krustlet.proto.events.TaskExit;
import dev.krustlet.proto.events.TaskIO;
import dev.krustlet.proto.events.TaskOOM;
import dev.krustlet.proto.events.TaskStart;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.events.EventForwarder;
import dev.krustlet.shim.task.TaskEvent;
import dev.krustlet.shim.task.TaskEvents;

/// Says tasks' events in containerd's words.
public final class TaskEventTranslator implements TaskEvents {
  private static final String TYPES = "containerd.events.";

  private final EventForwarder forwarder;

  public TaskEventTranslator(EventForwarder forwarder) {
    this.forwarder = forwarder;
  }

  @Override
  public void publish(TaskEvent event) {
    switch (event) {
      case TaskEvent.Created e ->
          forwarder.publish("/tasks/create", TYPES + "TaskCreate", create(e));
      case TaskEvent.Started e ->
          forwarder.publish(
              "/tasks/start",
              TYPES + "TaskStart",
              TaskStart.newBuilder().setContainerId(e.id()).setPid(e.pid()).build());
      case TaskEvent.OutOfMemory e ->
          forwarder.publish(
              "/tasks/oom", TYPES + "TaskOOM", TaskOOM.newBuilder().setContainerId(e.id()).build());
      case TaskEvent.Exited e -> forwarder.publish("/tasks/exit", TYPES + "TaskExit", exit(e));
      case TaskEvent.Deleted e ->
          forwarder.publish("/tasks/delete", TYPES + "TaskDelete", delete(e));
    }
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
        .setId(e.id())
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
