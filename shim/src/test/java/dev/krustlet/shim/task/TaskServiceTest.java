package dev.krustlet.shim.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.task.Tombstones.Stage;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TaskServiceTest {
  private static final Path BUNDLE = Path.of("/bundle");

  private final FakeEngine engine = new FakeEngine();
  private final List<TaskEvent> events = Collections.synchronizedList(new ArrayList<>());
  private final Map<Stage, Exit> tombstones = new ConcurrentHashMap<>();
  private final TaskService tasks =
      new TaskService(
          engine,
          events::add,
          (stage, _, _, exit) -> tombstones.put(stage, exit),
          Clock.fixed(FakeEngine.NOON, ZoneOffset.UTC));

  private int create(String id) throws TaskException, InterruptedException {
    return tasks.create(FakeEngine.request(id, BUNDLE));
  }

  private TaskProcess init(String id) throws TaskException {
    return tasks.process(id, "");
  }

  private static void assertRefused(ThrowingCallable call, Code code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(TaskException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private List<String> kinds(String id) {
    synchronized (events) {
      return events.stream()
          .filter(e -> e.id().equals(id))
          .map(e -> e.getClass().getSimpleName())
          .toList();
    }
  }

  @Test
  void aLifeIsToldInOrderWithOneExit() throws TaskException, InterruptedException {
    int pid = create("c");
    assertThat(init("c").start()).isEqualTo(pid);
    engine.container("c").end(42);

    Exit exit = init("c").await();
    Deleted deleted = tasks.delete("c");

    assertThat(exit).isEqualTo(new Exit(42, FakeEngine.NOON));
    assertThat(deleted).isEqualTo(new Deleted(pid, exit));
    assertThat(tombstones).isEqualTo(Map.of(Stage.ENDED, exit, Stage.DELETED, exit));
    assertThat(events)
        .endsWith(new TaskEvent.Exited("c", "c", pid, exit), new TaskEvent.Deleted("c", pid, exit));
    assertThat(kinds("c")).containsExactly("Created", "Started", "Exited", "Deleted");
    assertThat(tasks.count()).isZero();
  }

  @Test
  void anExitBeforeStartReturnsIsToldAfterTheStart() throws TaskException, InterruptedException {
    create("c");
    var container = engine.container("c");
    container.onStart =
        () -> {
          container.oom.complete(null);
          container.end(137);
        };

    init("c").start();

    assertThat(init("c").await().status()).isEqualTo(137);
    assertThat(kinds("c")).containsExactly("Created", "Started", "OutOfMemory", "Exited");
  }

  @Test
  void stateIsServedUntilDelete() throws TaskException, InterruptedException {
    create("c");
    assertThat(init("c").view().state()).isInstanceOf(TaskState.Created.class);
    init("c").start();
    assertThat(init("c").view().state()).isInstanceOf(TaskState.Running.class);
    engine.container("c").end(0);
    init("c").await();
    assertThat(init("c").view().state()).isInstanceOf(TaskState.Stopped.class);
    tasks.delete("c");

    assertRefused(() -> init("c").view(), Code.NOT_FOUND);
  }

  @Test
  void aRunningTaskIsNotDeleted() throws TaskException, InterruptedException {
    create("c");
    init("c").start();

    assertRefused(() -> tasks.delete("c"), Code.UNKNOWN);
    assertThat(engine.container("c").deleted).isFalse();
  }

  @Test
  void aTaskThatNeverRanIsEndedByItsDelete() throws TaskException, InterruptedException {
    create("c");

    Deleted deleted = tasks.delete("c");

    assertThat(deleted.exit().status()).isEqualTo(137);
    assertThat(engine.container("c").deleted).isTrue();
    assertThat(kinds("c")).containsExactly("Created", "Exited", "Deleted");
  }

  @Test
  void killOfTheDeadIsNotFound() throws TaskException, InterruptedException {
    create("c");
    init("c").start();
    init("c").kill(15, false);
    assertThat(init("c").await().status()).isEqualTo(143);

    assertRefused(() -> init("c").kill(9, false), Code.NOT_FOUND);
    assertRefused(() -> init("c").start(), Code.UNKNOWN);
  }

  @Test
  void unknownContainersAreNotFound() {
    assertRefused(() -> init("x").start(), Code.NOT_FOUND);
    assertRefused(() -> init("x").await(), Code.NOT_FOUND);
    assertRefused(() -> init("x").kill(9, false), Code.NOT_FOUND);
    assertRefused(() -> tasks.delete("x"), Code.NOT_FOUND);
    assertRefused(() -> tasks.pids("x"), Code.NOT_FOUND);
    assertRefused(() -> tasks.stats("x"), Code.NOT_FOUND);
    assertThat(tasks.pid("x")).isEmpty();
  }

  @Test
  void aFailedCreateLeavesAnAnswerAndFreesTheId() {
    assertRefused(() -> create("bad"), Code.INVALID_ARGUMENT);
    assertRefused(() -> create("bad"), Code.INVALID_ARGUMENT);

    assertThat(tombstones).hasSize(1);
    assertThat(events).isEmpty();
    assertThat(tasks.count()).isZero();
  }

  @Test
  void aFailedCreateThatCouldNotCleanUpLeavesThatToDelete() {
    assertRefused(() -> create("bad-left"), Code.INVALID_ARGUMENT);

    assertThat(tombstones).isEmpty();
    assertThat(tasks.count()).isZero();
  }

  @Test
  void oneOfManyCreatesOfAnIdWins() throws InterruptedException {
    List<Callable<Integer>> racers = Collections.nCopies(50, () -> create("c"));
    int winners = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var racer : threads.invokeAll(racers)) {
        try {
          racer.get();
          winners++;
        } catch (ExecutionException e) {
          assertThat(e.getCause()).hasMessageContaining("exists");
        }
      }
    }
    assertThat(winners).isOne();
    assertThat(kinds("c")).containsExactly("Created");
  }

  @Test
  void aThousandLivesAtOnceStayInOrder() throws InterruptedException, ExecutionException {
    List<Callable<Exit>> lives = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      String id = "c" + i;
      int status = i % 256;
      lives.add(() -> {
        create(id);
        engine.container(id).onStart = () -> engine.container(id).end(status);
        init(id).start();
        init(id).await();
        return tasks.delete(id).exit();
      });
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      int i = 0;
      for (var life : threads.invokeAll(lives)) {
        assertThat(life.get().status()).isEqualTo(i++ % 256);
      }
    }
    for (int i = 0; i < 1000; i++) {
      assertThat(kinds("c" + i)).containsExactly("Created", "Started", "Exited", "Deleted");
    }
  }

  @Test
  void waitersAreReleasedByTheExit()
      throws TaskException, InterruptedException, ExecutionException, TimeoutException {
    create("c");
    init("c").start();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiter = threads.submit(() -> init("c").await());
      engine.container("c").end(3);

      assertThat(waiter.get(10, TimeUnit.SECONDS).status()).isEqualTo(3);
    }
  }
}
