package dev.krustlet.shim.task;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/// The execs of one task, by id, from their registration until each is deleted.
final class Execs {
  /// What containerd takes for an id; it becomes part of files' names.
  private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

  private final String container;

  @GuardedBy("this")
  private final Map<String, Exec> execs = new HashMap<>();

  @GuardedBy("this")
  private boolean ended;

  Execs(String container) {
    this.container = container;
  }

  /// Refuses an id that cannot be used.
  synchronized void check(String id) throws TaskException {
    if (!LEGAL.matcher(id).matches()) {
      throw new TaskException(
          Code.INVALID_ARGUMENT, "exec id '%s' must match %s".formatted(id, LEGAL));
    }
    if (execs.containsKey(id)) {
      throw exists(id);
    }
    if (ended) {
      throw new TaskException(Code.UNKNOWN, "cannot exec in a stopped container: " + container);
    }
  }

  synchronized void add(Exec exec, Runnable told) throws TaskException {
    check(exec.id());
    execs.put(exec.id(), exec);
    told.run();
  }

  synchronized Exec get(String id) throws TaskException {
    Exec exec = execs.get(id);
    if (exec == null) {
      throw new TaskException(
          Code.NOT_FOUND, "exec %s of container %s: not found".formatted(id, container));
    }
    return exec;
  }

  synchronized void remove(Exec exec) throws TaskException {
    if (!execs.remove(exec.id(), exec)) {
      throw new TaskException(
          Code.NOT_FOUND, "exec %s of container %s: deleted".formatted(exec.id(), container));
    }
  }

  synchronized List<Exec> all() {
    return List.copyOf(execs.values());
  }

  /// Init has ended: nothing is added any more, nothing starts, and what runs is killed.
  ///
  /// @return completes when the exit of each was told
  CompletableFuture<Void> end() {
    synchronized (this) {
      ended = true;
    }
    return CompletableFuture.allOf(
        all().stream().map(Exec::end).toArray(CompletableFuture<?>[]::new));
  }

  private TaskException exists(String id) {
    return new TaskException(
        Code.ALREADY_EXISTS, "exec %s of container %s exists already".formatted(id, container));
  }
}
