package dev.krustlet.shim.task;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.task.TaskState.Stopped;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The first process of a container; its life is the container's.
final class Init implements TaskProcess {
  private static final Logger LOG = LoggerFactory.getLogger(Init.class);
  private static final Executor WATCHERS =
      work -> Thread.ofVirtual().name("task-watch").start(work);
  private static final Duration DRAIN = Duration.ofSeconds(10);
  private static final Duration UNSTARTED_EXIT = Duration.ofSeconds(2);

  private final ContainerRequest request;
  private final Container container;
  private final TaskEvents events;
  private final Clock clock;
  private final Life life;

  Init(ContainerRequest request, Container container, TaskEvents events, Clock clock) {
    this.request = request;
    this.container = container;
    this.events = events;
    this.clock = clock;
    this.life = new Life("container " + request.id(), this::tellExit);
  }

  Life life() {
    return life;
  }

  String id() {
    return request.id();
  }

  int pid() {
    return container.pid();
  }

  /// Publishes the creation and begins to watch for the end.
  ///
  /// @param beforeExit what is to be done when it has ended and before that is told
  void watch(Consumer<Exit> beforeExit) {
    events.publish(
        new TaskEvent.Created(id(), request.bundle(), request.rootfs(), request.stdio(), pid()));
    var oom =
        container
            .oomKilled()
            .thenRunAsync(
                () -> life.states().tell(() -> events.publish(new TaskEvent.OutOfMemory(id()))),
                WATCHERS);
    var _ =
        container
            .exited()
            .thenAcceptAsync(
                exit -> {
                  try {
                    if (container.oomKilled().isDone()) {
                      oom.join(); // told before the exit it caused
                    }
                    beforeExit.accept(exit);
                  } catch (RuntimeException e) {
                    LOG.error("the end of container {} is told all the same", id(), e);
                  } finally {
                    life.states().ended(exit);
                  }
                },
                WATCHERS);
  }

  private void tellExit(Exit exit) {
    events.publish(new TaskEvent.Exited(id(), id(), pid(), exit));
  }

  @Override
  public TaskView view() {
    return new TaskView(id(), request.bundle(), pid(), request.stdio(), life.state());
  }

  @Override
  public int start() throws TaskException, InterruptedException {
    life.start(container::start, () -> events.publish(new TaskEvent.Started(id(), pid())));
    return pid();
  }

  @Override
  public Exit await() throws InterruptedException {
    return life.await();
  }

  @Override
  public void kill(int signal, boolean all) throws TaskException, InterruptedException {
    if (life.state() instanceof Stopped) {
      throw new TaskException(Code.NOT_FOUND, "process already finished: " + id());
    }
    container.kill(signal, all);
  }

  @Override
  public void resize(TerminalSize size) throws TaskException, InterruptedException {
    if (!(life.state() instanceof Stopped)) {
      container.resize(size);
    }
  }

  @Override
  public void closeStdin() throws TaskException, InterruptedException {
    container.closeStdin();
  }

  /// Releases all the container holds. It is stopped, or was never started and is ended now.
  Deleted delete() throws TaskException, InterruptedException {
    life.release(() -> {
      boolean ran = life.state() instanceof Stopped;
      container.delete();
      if (!ran) {
        endUnstarted();
      }
    });
    return new Deleted(pid(), life.await());
  }

  /// An engine may have no exit to tell of what never ran; then its end is now.
  private void endUnstarted() throws InterruptedException {
    var wait = container.exited().isDone() ? DRAIN : UNSTARTED_EXIT;
    try {
      life.states().exit().get(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException _) {
      life.states().ended(Exit.killed(clock.instant()));
    }
  }
}
