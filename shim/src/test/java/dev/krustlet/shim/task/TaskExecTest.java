package dev.krustlet.shim.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Process;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TaskExecTest {
  private final FakeEngine engine = new FakeEngine();
  private final List<TaskEvent> events = Collections.synchronizedList(new ArrayList<>());
  private final TaskService tasks =
      new TaskService(
          engine, events::add, (_, _, _, _) -> {}, Clock.fixed(FakeEngine.NOON, ZoneOffset.UTC));

  @BeforeEach
  void run() throws TaskException, InterruptedException {
    tasks.create(FakeEngine.request("c", Path.of("/bundle")));
    tasks.process("c", "").start();
  }

  private FakeExec add(String id) throws TaskException, InterruptedException {
    tasks.exec("c", new ExecRequest(id, new Document<>(Process.EMPTY, "{}"), Stdio.NONE));
    return engine.container("c").exec(id);
  }

  private TaskProcess exec(String id) throws TaskException {
    return tasks.process("c", id);
  }

  private static void assertRefused(ThrowingCallable call, Code code, String sentence) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(TaskException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(sentence);
  }

  private List<String> kinds() {
    synchronized (events) {
      return events.stream()
          .map(e ->
              e.getClass().getSimpleName() + (e instanceof TaskEvent.Exited x ? x.process() : ""))
          .toList();
    }
  }

  @Test
  void anExecHasALifeOfItsOwn() throws TaskException, InterruptedException {
    var process = add("e");
    assertThat(exec("e").view().state()).isInstanceOf(TaskState.Created.class);
    assertThat(exec("e").view().pid()).isZero();
    int pid = exec("e").start();
    assertThat(exec("e").view().id()).isEqualTo("e");
    assertThat(exec("e").view().pid()).isEqualTo(pid);
    assertThat(tasks.pids("c")).contains(new TaskPid(pid, "e"));
    process.end(7);

    Exit exit = exec("e").await();
    Deleted deleted = tasks.deleteExec("c", "e");

    assertThat(deleted).isEqualTo(new Deleted(pid, exit));
    assertThat(process.calls).containsExactly("delete");
    assertThat(events).endsWith(new TaskEvent.Exited("c", "e", pid, exit));
    assertThat(kinds())
        .containsExactly("Created", "Started", "ExecAdded", "ExecStarted", "Exitede");
    assertRefused(() -> exec("e"), Code.NOT_FOUND, "exec e of container c");
  }

  @Test
  void anExecThatEndsAtOnceIsToldStartedFirst() throws TaskException, InterruptedException {
    var process = add("e");
    process.onStart = () -> process.end(0);

    exec("e").start();

    exec("e").await();
    assertThat(kinds()).endsWith("ExecAdded", "ExecStarted", "Exitede");
  }

  @Test
  void theExitOfInitIsTheLastAndEndsTheRest() throws TaskException, InterruptedException {
    var running = add("running");
    exec("running").start();
    add("waiting");

    engine.container("c").end(3);

    assertThat(tasks.process("c", "").await().status()).isEqualTo(3);
    assertThat(running.calls).containsExactly("kill 9");
    assertThat(exec("running").await().status()).isEqualTo(137);
    assertThat(kinds()).endsWith("Exitedrunning", "Exitedc");
    assertRefused(() -> exec("waiting").start(), Code.FAILED_PRECONDITION, "has ended");
    assertRefused(() -> add("later"), Code.UNKNOWN, "stopped");
  }

  @Test
  void aStartUnderWayWhenInitEndsIsToldAndEnded()
      throws TaskException, InterruptedException, ExecutionException, TimeoutException {
    var process = add("e");
    process.onStart = () -> engine.container("c").end(0);

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var start = threads.submit(() -> exec("e").start());
      start.get(10, TimeUnit.SECONDS);
    }

    tasks.process("c", "").await();
    assertThat(process.calls).contains("kill 9");
    assertThat(kinds()).endsWith("ExecStarted", "Exitede", "Exitedc");
  }

  @Test
  void aFailedStartLeavesTheExecToBeDeletedAndReleasesItsWaiters()
      throws TaskException, InterruptedException, ExecutionException, TimeoutException {
    add("bad");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var process = exec("bad");
      var waiter = threads.submit(process::await);
      assertRefused(process::start, Code.UNKNOWN, "`nope` not found");

      assertThat(tasks.deleteExec("c", "bad").exit().status()).isEqualTo(255);
      assertThat(waiter.get(10, TimeUnit.SECONDS).status()).isEqualTo(255);
    }
    assertThat(kinds()).containsExactly("Created", "Started", "ExecAdded");
  }

  @Test
  void whatIsAskedBeforeTheStartIsDoneAfterIt() throws TaskException, InterruptedException {
    var process = add("e");
    exec("e").resize(new TerminalSize(80, 24));
    exec("e").closeStdin();
    assertThat(process.calls).isEmpty();

    exec("e").start();

    assertThat(process.calls).containsExactly("resize 80,24", "closeStdin");
  }

  @Test
  void callsInTheWrongStateAreRefused() throws TaskException, InterruptedException {
    var process = add("e");
    assertRefused(() -> add("e"), Code.ALREADY_EXISTS, "exists");
    assertRefused(() -> add("../e"), Code.INVALID_ARGUMENT, "must match");
    assertRefused(() -> add(""), Code.INVALID_ARGUMENT, "must match");
    assertRefused(() -> exec("e").kill(9, false), Code.FAILED_PRECONDITION, "not started");
    exec("e").start();
    assertRefused(() -> exec("e").start(), Code.UNKNOWN, "cannot start a running process");
    assertRefused(() -> tasks.deleteExec("c", "e"), Code.UNKNOWN, "cannot delete a running");
    process.end(0);
    exec("e").await();
    assertRefused(() -> exec("e").kill(9, false), Code.NOT_FOUND, "already finished");
  }

  @Test
  void pausingTheContainerPausesItsExecs() throws TaskException, InterruptedException {
    add("e");
    add("waiting");
    exec("e").start();

    tasks.pause("c");

    assertThat(tasks.process("c", "").view().state()).isInstanceOf(TaskState.Paused.class);
    assertThat(exec("e").view().state()).isInstanceOf(TaskState.Paused.class);
    assertRefused(() -> tasks.pause("c"), Code.UNKNOWN, "cannot pause a paused process");
    assertRefused(() -> add("later"), Code.UNKNOWN, "cannot exec in a paused process");
    assertRefused(() -> exec("waiting").start(), Code.UNKNOWN, "cannot exec in a paused");
    assertRefused(() -> tasks.delete("c"), Code.UNKNOWN, "cannot delete a paused process");
    tasks.resume("c");
    assertThat(exec("e").view().state()).isInstanceOf(TaskState.Running.class);
    assertRefused(() -> tasks.resume("c"), Code.UNKNOWN, "cannot resume a running process");
    assertThat(kinds()).endsWith("Paused", "Resumed");
  }

  @Test
  void aPausedContainerCanBeKilled() throws TaskException, InterruptedException {
    tasks.pause("c");

    tasks.process("c", "").kill(9, false);

    assertThat(tasks.process("c", "").await().status()).isEqualTo(137);
    assertThat(kinds()).endsWith("Paused", "Exitedc");
  }

  @Test
  void deletingTheContainerDeletesItsExecs()
      throws TaskException, InterruptedException, ExecutionException, TimeoutException {
    var process = add("e");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var exec = exec("e");
      var waiter = threads.submit(exec::await);
      tasks.process("c", "").kill(9, false);
      tasks.process("c", "").await();

      tasks.delete("c");

      assertThat(process.calls).containsExactly("delete");
      assertThat(waiter.get(10, TimeUnit.SECONDS).status()).isEqualTo(255);
    }
  }

  @Test
  void aThousandExecsStayInOrderAndBeforeTheEndOfInit()
      throws TaskException, InterruptedException, ExecutionException {
    List<Callable<Integer>> lives = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      String id = "e" + i;
      int status = i % 256;
      boolean left = i % 2 == 0;
      lives.add(() -> {
        var process = add(id);
        process.onStart =
            () -> {
              if (!left) {
                process.end(status);
              }
            };
        exec(id).start();
        return left ? 137 : exec(id).await().status();
      });
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      int i = 0;
      for (var life : threads.invokeAll(lives)) {
        assertThat(life.get()).isEqualTo(i % 2 == 0 ? 137 : i % 256);
        i++;
      }
    }

    engine.container("c").end(0);
    tasks.process("c", "").await();

    for (int i = 0; i < 1000; i++) {
      assertThat(ofExec("e" + i)).containsExactly("ExecAdded", "ExecStarted", "Exited");
    }
    assertThat(kinds()).endsWith("Exitedc");
    assertThat(kinds().stream().filter("Exitedc"::equals)).hasSize(1);
  }

  private List<String> ofExec(String id) {
    synchronized (events) {
      return events.stream()
          .filter(e ->
              switch (e) {
                case TaskEvent.ExecAdded added -> added.exec().equals(id);
                case TaskEvent.ExecStarted started -> started.exec().equals(id);
                case TaskEvent.Exited exited -> exited.process().equals(id);
                default -> false;
              })
          .map(e -> e.getClass().getSimpleName())
          .toList();
    }
  }
}
