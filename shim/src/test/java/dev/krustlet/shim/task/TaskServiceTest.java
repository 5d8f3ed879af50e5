package dev.krustlet.shim.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
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
  private final Set<Exit> tombstones = ConcurrentHashMap.newKeySet();
  private final TaskService tasks =
      new TaskService(
          engine,
          events::add,
          (_, _, exit) -> tombstones.add(exit),
          Clock.fixed(FakeEngine.NOON, ZoneOffset.UTC));

  private int create(String id) throws TaskException, InterruptedException {
    return tasks.create(FakeEngine.request(id, BUNDLE));
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
    assertThat(tasks.start("c")).isEqualTo(pid);
    engine.container("c").end(42);

    Exit exit = tasks.await("c");
    Deleted deleted = tasks.delete("c");

    assertThat(exit).isEqualTo(new Exit(42, FakeEngine.NOON));
    assertThat(deleted).isEqualTo(new Deleted(pid, exit));
    assertThat(tombstones).containsExactly(exit);
    assertThat(events)
        .endsWith(new TaskEvent.Exited("c", pid, exit), new TaskEvent.Deleted("c", pid, exit));
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

    tasks.start("c");

    assertThat(tasks.await("c").status()).isEqualTo(137);
    assertThat(kinds("c")).containsExactly("Created", "Started", "OutOfMemory", "Exited");
  }

  @Test
  void stateIsServedUntilDelete() throws TaskException, InterruptedException {
    create("c");
    assertThat(tasks.state("c").state()).isInstanceOf(TaskState.Created.class);
    tasks.start("c");
    assertThat(tasks.state("c").state()).isInstanceOf(TaskState.Running.class);
    engine.container("c").end(0);
    tasks.await("c");
    assertThat(tasks.state("c").state()).isInstanceOf(TaskState.Stopped.class);
    tasks.delete("c");

    assertRefused(() -> tasks.state("c"), Code.NOT_FOUND);
  }

  @Test
  void aRunningTaskIsNotDeleted() throws TaskException, InterruptedException {
    create("c");
    tasks.start("c");

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
    tasks.start("c");
    tasks.kill("c", 15, false);
    assertThat(tasks.await("c").status()).isEqualTo(143);

    assertRefused(() -> tasks.kill("c", 9, false), Code.NOT_FOUND);
    assertRefused(() -> tasks.start("c"), Code.FAILED_PRECONDITION);
  }

  @Test
  void unknownContainersAreNotFound() {
    assertRefused(() -> tasks.start("x"), Code.NOT_FOUND);
    assertRefused(() -> tasks.await("x"), Code.NOT_FOUND);
    assertRefused(() -> tasks.kill("x", 9, false), Code.NOT_FOUND);
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
        tasks.start(id);
        tasks.await(id);
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
    tasks.start("c");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiter = threads.submit(() -> tasks.await("c"));
      engine.container("c").end(3);

      assertThat(waiter.get(10, TimeUnit.SECONDS).status()).isEqualTo(3);
    }
  }
}
