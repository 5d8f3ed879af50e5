package dev.krustlet.shim.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/// Exits of processes that others started and that became our children when those ended.
///
/// Waits for each by its pidfd, never for any child: that would steal the exits of processes that
/// [java.lang.Process] waits for.
public final class Reaper {
  private static final System.Logger LOG = System.getLogger(Reaper.class.getName());

  /// The status of a process that nobody can tell us the status of.
  private static final int UNKNOWN = 255;

  private final Poller poller;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<Integer, Watch> watched = new HashMap<>();

  @GuardedBy("lock")
  private Set<Integer> strays = Set.of();

  public Reaper(Poller poller) {
    this.poller = poller;
  }

  /// From now on, descendants whose parents end become children of this process.
  public static void becomeSubreaper() throws IOException {
    LibcProcesses.becomeSubreaper();
  }

  /// Sends a signal to a watched process, and never to another that has its pid by now: whoever is
  /// its parent may have waited for it, and we are told of its end a little later.
  ///
  /// @throws ErrnoException `ESRCH` if it has ended and was reaped
  public void kill(int pid, int signal) throws IOException {
    lock.lock();
    try {
      Watch watch = watched.get(pid);
      if (watch == null) {
        throw new ErrnoException("kill", Integer.toString(pid), Errno.ESRCH);
      }
      Syscall.pidfdSendSignal(watch.pidfd, signal);
    } finally {
      lock.unlock();
    }
  }

  /// Completes on the poller's thread when the process has ended, with its exit code or 128 + the
  /// signal that ended it; with 255 if it is no child of ours by then, or somebody else waited for
  /// it.
  ///
  /// @throws ErrnoException `ESRCH` if there is no such process
  public CompletableFuture<Integer> watch(int pid) throws IOException {
    lock.lock();
    try {
      Watch known = watched.get(pid);
      if (known != null) {
        return known.status; // a second watch might be the one that reaps it
      }
      var exit = new Watch(pid, Syscall.pidfdOpen(pid));
      exit.begin();
      watched.put(pid, exit);
      return exit.status;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for children that ended and that nobody asked for, if they were seen ended in the
  /// previous call as well: a process that was just made is left to the one about to watch it. Call
  /// it now and then, not more often than once in ten seconds.
  ///
  /// @return how many were reaped
  public int reapStrays() throws IOException {
    Set<Integer> zombies = zombies(); // takes long, and the poller tells exits under the lock
    lock.lock();
    try {
      var dead = new HashSet<>(zombies);
      dead.removeAll(watched.keySet());
      var known = new HashSet<>(dead);
      known.retainAll(strays);
      for (int pid : known) {
        reapStray(pid);
      }
      dead.removeAll(known);
      strays = dead;
      return known.size();
    } finally {
      lock.unlock();
    }
  }

  private static Set<Integer> zombies() throws IOException {
    var zombies = new HashSet<Integer>();
    for (var child : ProcessHandle.current().children().toList()) {
      int pid = Math.toIntExact(child.pid());
      if (Processes.isZombie(pid)) {
        zombies.add(pid);
      }
    }
    return zombies;
  }

  private static void reapStray(int pid) throws ErrnoException {
    try {
      LibcProcesses.reap(pid);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ECHILD) { // somebody waited for it after all
        throw e;
      }
    }
  }

  /// One process until its end.
  private final class Watch {
    final CompletableFuture<Integer> status = new CompletableFuture<>();
    private final int pid;
    private final Fd pidfd;
    private Registration registration = () -> {};

    Watch(int pid, Fd pidfd) {
      this.pid = pid;
      this.pidfd = pidfd;
    }

    /// Under the lock, so that [#ended] waits until the registration is known.
    void begin() throws IOException {
      try {
        registration = poller.onReadable(pidfd, this::ended);
      } catch (IOException e) {
        pidfd.close();
        throw e;
      }
    }

    private void ended() {
      int exit;
      lock.lock();
      try {
        exit = reap();
        Watch _ = watched.remove(pid);
        registration.close();
        pidfd.close();
      } catch (ErrnoException e) {
        throw new IllegalStateException("the watch of process " + pid + " cannot end", e);
      } finally {
        lock.unlock();
      }
      status.complete(exit);
    }

    private int reap() {
      try {
        return LibcProcesses.reap(pidfd).orElse(UNKNOWN);
      } catch (ErrnoException e) {
        if (e.errno() != Errno.ECHILD) {
          LOG.log(Level.WARNING, "the exit status of process " + pid + " is lost", e);
        }
        return UNKNOWN;
      }
    }
  }
}
