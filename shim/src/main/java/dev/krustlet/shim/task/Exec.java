package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Signals;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.task.TaskState.Created;
import dev.krustlet.shim.task.TaskState.Paused;
import dev.krustlet.shim.task.TaskState.Running;
import dev.krustlet.shim.task.TaskState.Stopped;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One more process in a task's container.
final class Exec implements TaskProcess {
  private static final Logger LOG = LoggerFactory.getLogger(Exec.class);
  private static final Executor WATCHERS =
      work -> Thread.ofVirtual().name("exec-watch").start(work);

  private final Init init;
  private final ExecRequest request;
  private final ExecProcess process;
  private final TaskEvents events;
  private final Life life;
  private final AtomicInteger pid = new AtomicInteger();
  private final ExecInput input;

  Exec(Init init, ExecRequest request, ExecProcess process, TaskEvents events) {
    this.init = init;
    this.request = request;
    this.process = process;
    this.events = events;
    this.input = new ExecInput(process);
    this.life =
        new Life("exec %s of container %s".formatted(request.id(), init.id()), this::tellExit);
  }

  String id() {
    return request.id();
  }

  @Override
  public int start() throws TaskException, InterruptedException {
    life.start(
        this::run,
        () -> events.publish(new TaskEvent.ExecStarted(init.id(), request.id(), pid.get())));
    input.catchUp();
    if (life.states().isBarred()) {
      destroy(); // init ended meanwhile
    }
    return pid.get();
  }

  private void run() throws TaskException, InterruptedException {
    if (init.view().state() instanceof Paused paused) {
      throw life.states().wrong("exec in", paused);
    }
    pid.set(process.start());
    var _ = process.exited().thenAcceptAsync(life.states()::ended, WATCHERS);
  }

  @Override
  public TaskView view() {
    var state = life.state();
    var shown =
        state instanceof Running && init.view().state() instanceof Paused paused ? paused : state;
    return new TaskView(request.id(), init.view().bundle(), pid.get(), request.stdio(), shown);
  }

  @Override
  public Exit await() throws InterruptedException {
    return life.await();
  }

  @Override
  public void kill(int signal, boolean all) throws TaskException, InterruptedException {
    switch (life.state()) {
      case Created _ ->
          throw new TaskException(
              Code.FAILED_PRECONDITION, "exec %s has not started".formatted(request.id()));
      case Stopped _ ->
          throw new TaskException(Code.NOT_FOUND, "process already finished: " + request.id());
      case Running _, Paused _ -> process.kill(signal);
    }
  }

  @Override
  public void resize(TerminalSize wanted) throws TaskException, InterruptedException {
    input.resize(wanted, life.state() instanceof Running);
  }

  @Override
  public void closeStdin() throws TaskException, InterruptedException {
    input.closeStdin(life.state() instanceof Running);
  }

  Deleted delete(Clock clock) throws TaskException, InterruptedException {
    life.release(() -> {
      process.delete();
      giveUp(clock);
    });
    return new Deleted(pid.get(), life.await());
  }

  /// Its container is deleted, and it with it.
  void abandon(Clock clock) {
    try {
      giveUp(clock);
      process.delete();
    } catch (TaskException e) {
      LOG.warn("cannot delete exec {} of container {}", request.id(), init.id(), e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Those who wait for what will tell no exit of its own need not wait any more.
  private void giveUp(Clock clock) {
    var _ = life.states().bar();
    life.states()
        .ended(pid.get() == 0 ? Exit.neverRan(clock.instant()) : Exit.killed(clock.instant()));
  }

  /// Its container has ended: ends what runs of it, lets nothing start.
  ///
  /// @return completes when its exit was told
  CompletableFuture<Void> end() {
    var settled = life.states().bar();
    if (life.state() instanceof Running) {
      destroy();
    }
    return settled;
  }

  private void destroy() {
    try {
      process.kill(Signals.KILL);
    } catch (TaskException e) {
      LOG.debug("exec {} went by itself", request.id(), e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// The pid, if it runs.
  int runningPid() {
    return life.state() instanceof Running ? pid.get() : 0;
  }

  private void tellExit(Exit exit) {
    if (pid.get() != 0) {
      events.publish(new TaskEvent.Exited(init.id(), request.id(), pid.get(), exit));
    }
  }
}
