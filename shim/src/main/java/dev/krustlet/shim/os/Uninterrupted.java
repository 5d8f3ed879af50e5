package dev.krustlet.shim.os;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Waiting that an interruption does not end. Whoever was interrupted meanwhile is so afterwards.
public final class Uninterrupted {
  private interface Wait<T, E extends Exception> {
    T until() throws InterruptedException, ExecutionException, E;
  }

  private Uninterrupted() {}

  /// The result, however long it takes.
  public static <T> T get(Future<T> future) throws ExecutionException {
    return Uninterrupted.<T, RuntimeException>wait(future::get);
  }

  /// The result, if it comes in time.
  public static <T> T get(Future<T> future, Duration within)
      throws ExecutionException, TimeoutException {
    long deadline = System.nanoTime() + within.toNanos();
    return Uninterrupted.<T, TimeoutException>wait(
        () -> future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
  }

  private static <T, E extends Exception> T wait(Wait<T, E> wait) throws ExecutionException, E {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return wait.until();
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
