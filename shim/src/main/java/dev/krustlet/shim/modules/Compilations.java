package dev.krustlet.shim.modules;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/// Compilations under way, each a task of its own. Callers with the same bytes wait for the same
/// one. Whoever leaves takes nothing from the others, nor from the next who comes: the result is
/// kept.
final class Compilations {
  /// What is done for those who wait.
  @FunctionalInterface
  interface Compilation {
    CodeSeal run() throws TaskException, IOException, InterruptedException;
  }

  private final Map<String, CompletableFuture<CodeSeal>> underWay = new ConcurrentHashMap<>();

  /// Begins a compilation, unless one of the same bytes is under way.
  ///
  /// @param done is run when nobody needs what the compilation reads any more
  CompletableFuture<CodeSeal> begin(String hash, Compilation compilation, Runnable done) {
    var ours = new CompletableFuture<CodeSeal>();
    var theirs = underWay.putIfAbsent(hash, ours);
    if (theirs != null) {
      done.run();
      return theirs;
    }
    Thread.ofVirtual().name("compilation").start(() -> run(hash, compilation, done, ours));
    return ours;
  }

  private void run(
      String hash, Compilation compilation, Runnable done, CompletableFuture<CodeSeal> result) {
    try {
      CodeSeal seal = compilation.run();
      settle(hash, done);
      result.complete(seal);
    } catch (TaskException | IOException | InterruptedException | RuntimeException | Error e) {
      settle(hash, done);
      result.completeExceptionally(e);
    }
  }

  /// Before the result is told, so that nobody joins a failure who came after it.
  private void settle(String hash, Runnable done) {
    underWay.remove(hash);
    done.run();
  }

  /// Waits for a compilation. Each caller of a failed one gets an exception of its own with the
  /// same sentence, for callers add to an exception what they could not clean away.
  ///
  /// @param name of the module, for messages
  static CodeSeal await(CompletableFuture<CodeSeal> compilation, String name)
      throws TaskException, IOException, InterruptedException {
    try {
      return compilation.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case TaskException t ->
            throw new TaskException(t.code(), String.valueOf(t.getMessage()), t);
        case IOException t -> throw new IOException(t.getMessage(), t);
        case null, default ->
            throw new TaskException(
                Code.UNKNOWN,
                "`%s` was not compiled: %s; the next try compiles it anew"
                    .formatted(name, e.getCause()),
                e);
      }
    }
  }
}
