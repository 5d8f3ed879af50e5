package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stats;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/// All tasks of a daemon, by container id.
public final class TaskService {
  private static final int NEVER_RAN = 255;

  private final Engine engine;
  private final TaskEvents events;
  private final Tombstones tombstones;
  private final Clock clock;
  private final Map<String, Task> tasks = new ConcurrentHashMap<>();
  private final Set<String> creating = ConcurrentHashMap.newKeySet();
  private final AtomicLong activity = new AtomicLong();
  private final Executor watchers = work -> Thread.ofVirtual().name("task-watch").start(work);

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
    if (!creating.add(id)) {
      throw exists(id);
    }
    try {
      if (tasks.containsKey(id)) {
        throw exists(id);
      }
      return made(request).container().pid();
    } finally {
      creating.remove(id);
    }
  }

  /// Lets a created container run.
  ///
  /// @return its pid
  public int start(String id) throws TaskException, InterruptedException {
    return task(id).start();
  }

  public TaskView state(String id) throws TaskException {
    return task(id).view();
  }

  /// Blocks until the container has ended.
  public Exit await(String id) throws TaskException, InterruptedException {
    return task(id).awaitExit();
  }

  public void kill(String id, int signal, boolean all) throws TaskException, InterruptedException {
    task(id).kill(signal, all);
  }

  /// Deletes a container that has ended or never ran.
  public Deleted delete(String id) throws TaskException, InterruptedException {
    activity.incrementAndGet();
    Task task = task(id);
    Deleted result = task.delete();
    if (!tasks.remove(id, task)) {
      throw unknown(id); // another delete was quicker
    }
    tombstones.leave(task.view().bundle(), result.pid(), result.exit());
    task.deleted(result);
    return result;
  }

  public List<Integer> pids(String id) throws TaskException, InterruptedException {
    return task(id).container().pids();
  }

  /// The pid of a container, if there is such a container.
  public Optional<Integer> pid(String id) {
    return Optional.ofNullable(tasks.get(id)).map(Task::container).map(Container::pid);
  }

  public Stats stats(String id) throws TaskException, InterruptedException {
    return task(id).container().stats();
  }

  public void closeStdin(String id) throws TaskException, InterruptedException {
    task(id).container().closeStdin();
  }

  private Task made(ContainerRequest request) throws TaskException, InterruptedException {
    Container container;
    try {
      container = engine.create(request);
    } catch (TaskException | InterruptedException | RuntimeException e) {
      tombstones.leave(request.bundle(), 0, new Exit(NEVER_RAN, clock.instant()));
      throw e;
    }
    var task = new Task(request, container, events, clock);
    tasks.put(request.id(), task);
    task.watch(watchers);
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
