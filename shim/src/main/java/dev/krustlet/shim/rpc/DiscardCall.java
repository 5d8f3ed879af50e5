package dev.krustlet.shim.rpc;

import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.task.Deleted;
import dev.krustlet.shim.task.TaskService;
import dev.krustlet.ttrpc.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What the launcher's `delete` asks of a daemon that lives: to end and delete a container that
/// containerd has given up.
///
/// containerd waits 5 s for `delete` and then forgets the container. So the answer comes in time
/// also if the deletion takes longer, which the daemon goes on with: nobody else may clean
/// meanwhile.
public record DiscardCall(TaskService tasks, Duration patience) {
  public static final String SERVICE = "krustlet.daemon.v1.Daemon";
  public static final String METHOD = "Discard";

  /// Leaves time for the start of the JVM that asks.
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  static Service service(TaskService tasks, String namespace) {
    var call = new DiscardCall(tasks, PATIENCE);
    return TaskApi.single(namespace, SERVICE, METHOD, DeleteRequest.parser(), call::discard);
  }

  DeleteResponse discard(DeleteRequest q) throws TaskException, InterruptedException {
    int pid = tasks.pid(q.getId()).orElse(0);
    CompletableFuture<Deleted> discarded = tasks.discard(q.getId());
    try {
      return ProcessCalls.answer(discarded.get(patience.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException _) {
      return ProcessCalls.answer(new Deleted(pid, Exit.killed(Instant.now())));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TaskException t) {
        throw t;
      }
      throw new TaskException(
          Code.UNKNOWN, "container %s: discard: %s".formatted(q.getId(), e.getCause()), e);
    }
  }
}
