package dev.krustlet.testbed;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/// Lets a program that is told to end (Ctrl-C, SIGTERM) take away what it made: Java itself would
/// leave containerd, mounts and networks behind.
public final class Unwinding {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Unwinding() {}

  /// Runs a program on this thread, which is interrupted when the process is to end. The process
  /// then waits for the program's own clean-up.
  ///
  /// @return what the program returned
  public static int run(IntSupplier program) {
    var main = Thread.currentThread();
    var done = new CountDownLatch(1);
    var hook = Thread.ofPlatform().name("unwinding").unstarted(() -> unwind(main, done));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return program.getAsInt();
    } finally {
      done.countDown();
    }
  }

  private static void unwind(Thread main, CountDownLatch done) {
    if (done.getCount() == 0) {
      return;
    }
    System.err.println("\ninterrupted: taking everything away");
    main.interrupt();
    try {
      if (!done.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("gave up after " + PATIENCE.toSeconds() + " s");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Does a piece of the clean-up, which an interruption neither prevents nor ends halfway. The
  /// thread's interruption is kept for whoever comes next.
  public static void shield(Callable<Void> cleanUp) throws IOException {
    var task = new FutureTask<>(cleanUp);
    Thread.ofPlatform().name("clean-up").start(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          task.get();
          return;
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
