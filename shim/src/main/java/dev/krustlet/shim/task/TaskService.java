package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.CheckpointRequest;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.LeftoverException;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Resources;
import dev.krustlet.shim.task.Tombstones.Stage;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// All tasks of a daemon, by container id.
public final class TaskService {

  private final Engine engine;
  private final TaskEvents events;
  private final Tombstones tombstones;
  private final Clock clock;
  private final Map<String, Task> tasks = new ConcurrentHashMap<>();
  private final Map<String, Creation> creating = new ConcurrentHashMap<>();
  private final Discards discards = new Discards(tasks, this::delete);
  private final AtomicLong activity = new AtomicLong();

  public TaskService(Engine engine, TaskEvents events, Tombstones tombstones, Clock clock) {
    this.engine = engine;
    this.events = events;
    this.tombstones = tombstones;
    this.clock = clock;
  }

  /// How many containers there are, those being created included.
  public int count() {
    return tasks.size() + creating.size();
  }

  /// Grows with every call that creates or deletes: tells that something happened since an earlier
  /// look.
  public long activity() {
    return activity.get();
  }

  /// Makes a container. After an exception nothing of it is left and its id is free.
  ///
  /// @return its pid
  public int create(ContainerRequest request) throws TaskException, InterruptedException {
    activity.incrementAndGet();
    String id = request.id();
    var creation = new Creation();
    if (creating.putIfAbsent(id, creation) != null) {
      throw exists(id);
    }
    Optional<Deleted> undone = Optional.empty();
    try {
      if (tasks.containsKey(id)) {
        throw exists(id);
      }
      Task task = made(request);
      boolean abandoned = Thread.interrupted();
      if (!abandoned && creation.keep()) {
        return task.init().pid();
      }
      undone = Optional.of(deleted(id));
      if (abandoned) {
        throw new InterruptedException("nobody waits any more for container " + id);
      }
      throw new TaskException(
          Code.FAILED_PRECONDITION,
          "container %s was deleted while it was being created".formatted(id));
    } finally {
      creating.remove(id, creation);
      creation.ended(undone);
    }
  }

  /// A process of a container.
  ///
  /// @param exec the exec's id; empty for init
  public TaskProcess process(String id, String exec) throws TaskException {
    return task(id).process(exec);
  }

  /// Registers one more process in a container; nothing of it has run.
  public void exec(String id, ExecRequest request) throws TaskException, InterruptedException {
    task(id).exec(request);
  }

  /// Deletes an exec that has ended or was never started.
  public Deleted deleteExec(String id, String exec) throws TaskException, InterruptedException {
    return task(id).deleteExec(exec);
  }

  /// Deletes a container that has ended or never ran. One that is being created is gone when its
  /// creation has ended, also if the caller leaves before.
  public Deleted delete(String id) throws TaskException, InterruptedException {
    activity.incrementAndGet();
    Creation creation = creating.get(id);
    if (creation != null && creation.doom()) {
      Optional<Deleted> deleted = creation.awaitEnd();
      if (deleted.isPresent()) {
        return deleted.get();
      }
    }
    return deleted(id);
  }

  private Deleted deleted(String id) throws TaskException, InterruptedException {
    Task task = task(id);
    Deleted result = task.delete();
    if (!tasks.remove(id, task)) {
      throw unknown(id); // another delete was quicker
    }
    tombstones.leave(Stage.DELETED, task.init().view().bundle(), result.pid(), result.exit());
    task.deleted(result);
    return result;
  }

  /// Begins to end and delete a container, whatever it does, also if the caller leaves. Completes
  /// exceptionally if there is no such container, or if it cannot be ended now.
  public CompletableFuture<Deleted> discard(String id) {
    return discards.begin(id);
  }

  /// Begins to discard the containers whose bundle is gone, and was gone at the previous call. Call
  /// it now and then, from one thread.
  public void discardHomeless() {
    discards.beginHomeless();
  }

  public List<TaskPid> pids(String id) throws TaskException, InterruptedException {
    return task(id).pids();
  }

  /// The pid of a container, if there is such a container.
  public Optional<Integer> pid(String id) {
    return Optional.ofNullable(tasks.get(id)).map(task -> task.init().pid());
  }

  /// Figures of a container; also between its exit and its deletion.
  public Stats stats(String id) throws TaskException, InterruptedException {
    return task(id).stats();
  }

  public void pause(String id) throws TaskException, InterruptedException {
    task(id).pause();
  }

  public void resume(String id) throws TaskException, InterruptedException {
    task(id).resume();
  }

  public void update(String id, Document<Resources> resources)
      throws TaskException, InterruptedException {
    task(id).update(resources);
  }

  public void checkpoint(String id, CheckpointRequest request)
      throws TaskException, InterruptedException {
    task(id).checkpoint(request);
  }

  private Task made(ContainerRequest request) throws TaskException, InterruptedException {
    Container container;
    try {
      container = engine.create(request);
    } catch (TaskException | InterruptedException | RuntimeException | Error e) {
      if (!LeftoverException.isIn(e)) { // else `delete` finds no answer, and cleans by itself
        tombstones.leave(Stage.DELETED, request.bundle(), 0, Exit.neverRan(clock.instant()));
      }
      throw e;
    }
    var task = new Task(request, container, events, clock);
    tasks.put(request.id(), task);
    task.watch(exit -> tombstones.leave(Stage.ENDED, request.bundle(), container.pid(), exit));
    return task;
  }

  private Task task(String id) throws TaskException {
    Task task = tasks.get(id);
    if (task == null) {
      throw unknown(id);
    }
    return task;
  }

  private static TaskException unknown(String id) {
    return new TaskException(Code.NOT_FOUND, "container not created: " + id);
  }

  private static TaskException exists(String id) {
    return new TaskException(Code.ALREADY_EXISTS, "container %s exists already".formatted(id));
  }
}
