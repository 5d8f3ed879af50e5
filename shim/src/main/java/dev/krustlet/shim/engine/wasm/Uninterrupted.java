package dev.krustlet.shim.engine.wasm;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// Waiting that an interruption does not end.
final class Uninterrupted {
  private Uninterrupted() {}

  /// The result; whoever was interrupted meanwhile is so afterwards.
  static <T> T get(Future<T> future) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
