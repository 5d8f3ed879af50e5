package dev.krustlet.shim.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.task.Tombstones.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void whatIsDeletedDuringItsCreationIsGoneAfterIt()
      throws TaskException, InterruptedException, ExecutionException, TimeoutException {
    var begun = new CountDownLatch(1);
    var gate = new CountDownLatch(1);
    engine.creating =
        () -> {
          begun.countDown();
          awaitUninterruptibly(gate);
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var creation = threads.submit(() -> create("c"));
      begun.await();
      var waits = threads.submit(() -> tasks.delete("c"));
      var leaves = new FutureTask<>(() -> tasks.delete("c"));
      Thread leaver = Thread.ofVirtual().name("leaver").start(leaves);
      while (leaver.getState() != Thread.State.WAITING) {
        assertThat(leaves.isDone()).isFalse();
      }
      leaver.interrupt();
      assertThatThrownBy(leaves::get).hasCauseInstanceOf(InterruptedException.class);
      gate.countDown();

      assertThatThrownBy(() -> creation.get(10, TimeUnit.SECONDS))
          .hasMessageContaining("deleted while it was being created");
      waits.get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      assertThat(e).hasMessageContaining("not created"); // asked after the end
    }
    assertThat(engine.container("c").deleted).isTrue();
    assertThat(kinds("c")).containsExactly("Created", "Exited", "Deleted");
    assertThat(tombstones).containsKey(Stage.DELETED);
    assertThat(tasks.count()).isZero();
  }

  @Test
  void whoseCreatorHasLeftIsNotKept() throws InterruptedException {
    engine.creating = () -> Thread.currentThread().interrupt(); // as a lost connection does

    assertThatThrownBy(() -> create("c")).isInstanceOf(InterruptedException.class);

    assertThat(engine.container("c").deleted).isTrue();
    assertThat(tasks.count()).isZero();
  }

  @Test
  void whatIsDiscardedIsKilledAndDeletedHoweverLongItTakes()
      throws TaskException, InterruptedException, ExecutionException, TimeoutException {
    create("c");
    init("c").start();
    var container = engine.container("c");
    container.immortal = true;

    var first = tasks.discard("c");
    var second = tasks.discard("c");
    assertThat(first).isSameAs(second).isNotDone();
    container.end(137);

    assertThat(first.get(10, TimeUnit.SECONDS).exit().status()).isEqualTo(137);
    assertThat(container.calls).containsExactly("kill 9");
    assertThat(container.deleted).isTrue();
    assertThat(tasks.count()).isZero();
    assertThatThrownBy(() -> tasks.discard("c").get(10, TimeUnit.SECONDS))
        .hasMessageContaining("not created");
  }

  @Test
  void whatHasLostItsBundleForTwoLooksIsDiscarded(@TempDir Path directory)
      throws IOException, TaskException, InterruptedException {
    Path kept = Files.createDirectory(directory.resolve("kept"));
    Path lost = Files.createDirectory(directory.resolve("lost"));
    tasks.create(FakeEngine.request("kept", kept));
    tasks.create(FakeEngine.request("running", lost));
    tasks.create(FakeEngine.request("unstarted", lost));
    init("running").start();
    tasks.discardHomeless();
    tasks.discardHomeless();
    Files.delete(lost);

    tasks.discardHomeless();
    assertThat(tasks.count()).isEqualTo(3);
    tasks.discardHomeless();

    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (tasks.count() > 1) {
      assertThat(System.nanoTime()).as("until they are gone").isLessThan(deadline);
    }
    assertThat(engine.container("running").deleted).isTrue();
    assertThat(engine.container("unstarted").deleted).isTrue();
    assertThat(init("kept").view().state()).isInstanceOf(TaskState.Created.class);
  }

  @Test
  void anEndThatCannotBeNotedIsToldAllTheSame()
      throws TaskException, InterruptedException, ExecutionException, TimeoutException {
    var careless =
        new TaskService(
            engine,
            events::add,
            (_, _, _, _) -> {
              throw new IllegalStateException("no place");
            },
            Clock.fixed(FakeEngine.NOON, ZoneOffset.UTC));
    careless.create(FakeEngine.request("c", BUNDLE));
    careless.process("c", "").start();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiter = threads.submit(() -> careless.process("c", "").await());
      engine.container("c").end(3);

      assertThat(waiter.get(10, TimeUnit.SECONDS).status()).isEqualTo(3);
    }
  }

  @Test
  void ofTwoEndsDuringAStartTheFirstIsTold() throws TaskException {
    List<Exit> told = new ArrayList<>();
    var states = new States("c", told::add);
    var first = new Exit(1, FakeEngine.NOON);
    states.beginStart();
    states.ended(first);
    states.ended(new Exit(2, FakeEngine.NOON));

    states.finishStart(true, () -> {});

    assertThat(told).containsExactly(first);
    assertThat(states.now()).isEqualTo(new TaskState.Stopped(first));
  }

  private static void awaitUninterruptibly(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
