package dev.krustlet.shim.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// A program that was started by [Spawn], as the JDK shows its own.
public final class ChildProcess extends Process {
  private static final System.Logger LOG = System.getLogger(ChildProcess.class.getName());
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;
  private static final int UNKNOWN = 255;
  private static final int STACK_BYTES = 128 << 10;

  private final int pid;
  private final ChildStreams streams;
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();

  /// Names the process as long as nobody has waited for it, and is closed then.
  @GuardedBy("this")
  private final Fd pidfd;

  private ChildProcess(int pid, Fd pidfd, ChildStreams streams) {
    this.pid = pid;
    this.pidfd = pidfd;
    this.streams = streams;
  }

  /// Starts a program. Whoever has it reads its output, and closes or destroys it at last.
  ///
  /// @throws ErrnoException if there is no such program, among others
  public static ChildProcess start(Spawn program, ChildStream in, ChildStream out, ChildStream err)
      throws IOException {
    try (var streams = ChildStreams.open(in, out, err)) {
      try {
        int pid = LibcSpawn.start(program, streams.childs());
        var child = new ChildProcess(pid, named(pid), streams);
        Thread.ofPlatform()
            .daemon()
            .name("child-" + pid)
            .stackSize(STACK_BYTES)
            .start(child::awaitEnd);
        return child;
      } catch (IOException | RuntimeException | Error e) {
        streams.closeOurs();
        throw e;
      }
    }
  }

  /// A child that cannot be watched is not left to itself.
  private static Fd named(int pid) throws IOException {
    try {
      return Syscall.pidfdOpen(pid);
    } catch (ErrnoException e) {
      LibcProcesses.kill(pid, SIGKILL);
      throw e;
    }
  }

  private void awaitEnd() {
    int status = UNKNOWN;
    try {
      status = LibcProcesses.await(fd());
    } catch (ErrnoException e) {
      LOG.log(Level.WARNING, "the exit status of process " + pid + " is lost", e);
    }
    synchronized (this) {
      try {
        pidfd.close();
      } catch (ErrnoException e) {
        LOG.log(Level.WARNING, "cannot close the descriptor of process " + pid, e);
      }
    }
    exit.complete(status);
  }

  private synchronized Fd fd() {
    return pidfd;
  }

  private synchronized void kill(int signal) {
    try {
      Syscall.pidfdSendSignal(pidfd, signal);
    } catch (ErrnoException e) {
      LOG.log(Level.DEBUG, "process " + pid + " has ended", e);
    }
  }

  /// Has its output closed as well, as the JDK does.
  private void end(int signal) {
    kill(signal);
    try {
      streams.closeOurs();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "process " + pid + " had closed its streams", e);
    }
  }

  @Override
  public OutputStream getOutputStream() {
    return streams.input;
  }

  @Override
  public InputStream getInputStream() {
    return streams.output;
  }

  @Override
  public InputStream getErrorStream() {
    return streams.errors;
  }

  @Override
  public int waitFor() throws InterruptedException {
    try {
      return exit.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an exit is told by a status alone", e);
    }
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    try {
      int _ = exit.get(timeout, unit);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("an exit is told by a status alone", e);
    }
  }

  @Override
  public int exitValue() {
    if (!exit.isDone()) {
      throw new IllegalThreadStateException("process " + pid + " has not ended");
    }
    return exit.join();
  }

  @Override
  public boolean isAlive() {
    return !exit.isDone();
  }

  @Override
  public void destroy() {
    end(SIGTERM);
  }

  @Override
  public Process destroyForcibly() {
    end(SIGKILL);
    return this;
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public CompletableFuture<Process> onExit() {
    return exit.thenApply(_ -> this);
  }

  @Override
  public Stream<ProcessHandle> descendants() {
    return ProcessHandle.of(pid).stream().flatMap(ProcessHandle::descendants);
  }
}
