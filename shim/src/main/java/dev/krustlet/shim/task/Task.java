package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.CheckpointRequest;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Resources;
import dev.krustlet.shim.task.TaskState.Created;
import dev.krustlet.shim.task.TaskState.Paused;
import dev.krustlet.shim.task.TaskState.Running;
import dev.krustlet.shim.task.TaskState.Stopped;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One container as containerd sees it: its init, its execs, and what is done to all of them.
final class Task {
  private static final Logger LOG = LoggerFactory.getLogger(Task.class);
  private static final Duration EXECS_END = Duration.ofSeconds(5);

  private final Container container;
  private final TaskEvents events;
  private final Clock clock;
  private final Init init;
  private final Execs execs;
  private final ReentrantLock adding = new ReentrantLock();

  Task(ContainerRequest request, Container container, TaskEvents events, Clock clock) {
    this.container = container;
    this.events = events;
    this.clock = clock;
    this.init = new Init(request, container, events, clock);
    this.execs = new Execs(request.id());
  }

  Init init() {
    return init;
  }

  /// Publishes the creation and begins to watch for the end.
  ///
  /// @param beforeExit takes note of the exit before it is told
  void watch(Consumer<Exit> beforeExit) {
    init.watch(exit -> {
      endExecs();
      beforeExit.accept(exit);
    });
  }

  /// The exit of init is the last exit that is told of a container.
  private void endExecs() {
    try {
      execs.end().get(EXECS_END.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn("container {} has ended before its execs", init.id(), e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  void pause() throws TaskException, InterruptedException {
    init.life().pause(container::pause, () -> events.publish(new TaskEvent.Paused(init.id())));
  }

  void resume() throws TaskException, InterruptedException {
    init.life().resume(container::resume, () -> events.publish(new TaskEvent.Resumed(init.id())));
  }

  void update(Document<Resources> resources) throws TaskException, InterruptedException {
    if (init.life().state() instanceof Stopped now) {
      throw init.life().states().wrong("update", now);
    }
    container.update(resources);
  }

  void checkpoint(CheckpointRequest wanted) throws TaskException, InterruptedException {
    switch (init.life().state()) {
      case Created now -> throw init.life().states().wrong("checkpoint", now);
      case Stopped now -> throw init.life().states().wrong("checkpoint", now);
      case Running _, Paused _ -> container.checkpoint(wanted);
    }
    events.publish(new TaskEvent.Checkpointed(init.id(), wanted.images()));
  }

  Stats stats() throws TaskException, InterruptedException {
    return container.stats();
  }

  List<TaskPid> pids() throws TaskException, InterruptedException {
    Map<Integer, String> known =
        execs.all().stream()
            .filter(exec -> exec.runningPid() != 0)
            .collect(Collectors.toMap(Exec::runningPid, Exec::id, (first, _) -> first));
    return container.pids().stream()
        .map(pid -> new TaskPid(pid, known.getOrDefault(pid, "")))
        .toList();
  }

  /// The process of that name; init's is empty.
  TaskProcess process(String exec) throws TaskException {
    return exec.isEmpty() ? init : execs.get(exec);
  }

  void exec(ExecRequest wanted) throws TaskException, InterruptedException {
    adding.lock();
    try {
      execs.check(wanted.id());
      switch (init.life().state()) {
        case Stopped now -> throw init.life().states().wrong("exec in", now);
        case Paused now -> throw init.life().states().wrong("exec in", now);
        case Created _, Running _ -> {}
      }
      add(wanted, container.exec(wanted));
    } finally {
      adding.unlock();
    }
  }

  private void add(ExecRequest wanted, ExecProcess process)
      throws TaskException, InterruptedException {
    try {
      execs.add(
          new Exec(init, wanted, process, events),
          () -> events.publish(new TaskEvent.ExecAdded(init.id(), wanted.id())));
    } catch (TaskException e) { // the container ended meanwhile
      process.delete();
      throw e;
    }
  }

  Deleted deleteExec(String id) throws TaskException, InterruptedException {
    Exec exec = execs.get(id);
    Deleted result = exec.delete(clock);
    execs.remove(exec);
    return result;
  }

  /// Releases all the container holds. It is stopped, or was never started and is ended now.
  Deleted delete() throws TaskException, InterruptedException {
    Deleted result = init.delete();
    execs.all().forEach(exec -> exec.abandon(clock));
    return result;
  }

  void deleted(Deleted result) {
    events.publish(new TaskEvent.Deleted(init.id(), result.pid(), result.exit()));
  }
}
