package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.INT;
import static dev.krustlet.shim.os.Native.call;

import java.util.OptionalInt;

/// libc's calls about processes.
final class LibcProcesses {
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int P_PID = 1;
  private static final int P_PIDFD = 3;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int CLD_EXITED = 1;

  // siginfo_t on 64-bit systems
  private static final int SIGINFO_SIZE = 128;
  private static final int SI_CODE = 8;
  private static final int SI_PID = 16;
  private static final int SI_STATUS = 24;

  private static final CFunction KILL = CFunction.of("kill");
  private static final CFunction GETEUID = CFunction.of("geteuid");
  private static final CFunction SETSID = CFunction.of("setsid");
  private static final CFunction SETNS = CFunction.of("setns");
  private static final CFunction UMASK = CFunction.of("umask");
  private static final CFunction WAITID = CFunction.of("waitid");
  private static final CFunction PRCTL = CFunction.of("prctl");

  private LibcProcesses() {}

  static void kill(int pid, int signal) throws ErrnoException {
    call("kill", pid, (_, errno) -> KILL.asInt(errno, pid, signal));
  }

  static long geteuid() throws ErrnoException {
    return call("geteuid", "", (_, errno) -> Integer.toUnsignedLong(GETEUID.asInt(errno)));
  }

  static void setsid() throws ErrnoException {
    call("make a session for", "this process", (_, errno) -> SETSID.asInt(errno));
  }

  static void umask(int mask) throws ErrnoException {
    call("umask", mask, (_, errno) -> UMASK.asInt(errno, mask));
  }

  static void becomeSubreaper() throws ErrnoException {
    call(
        "prctl",
        "PR_SET_CHILD_SUBREAPER",
        (_, errno) -> PRCTL.asInt(errno, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  }

  /// Moves the calling thread into a namespace of a kind.
  static void setns(Fd namespace, int kind, Object subject) throws ErrnoException {
    call("enter", subject, (_, errno) -> SETNS.asInt(errno, namespace.number(), kind));
  }

  /// The exit of a child by pidfd: code or 128 + signal; empty while it runs.
  static OptionalInt reap(Fd pidfd) throws ErrnoException {
    return waitid(P_PIDFD, pidfd.number(), pidfd);
  }

  static OptionalInt reap(int pid) throws ErrnoException {
    return waitid(P_PID, pid, pid);
  }

  /// Waits for a child by pidfd. Blocks its thread, whatever interrupts that.
  static int await(Fd pidfd) throws ErrnoException {
    while (true) {
      try {
        return waitid(P_PIDFD, pidfd.number(), pidfd, WEXITED).orElseThrow();
      } catch (ErrnoException e) {
        if (e.errno() != Errno.EINTR) {
          throw e;
        }
      }
    }
  }

  private static OptionalInt waitid(int kind, int id, Object subject) throws ErrnoException {
    return waitid(kind, id, subject, WEXITED | WNOHANG);
  }

  private static OptionalInt waitid(int kind, int id, Object subject, int options)
      throws ErrnoException {
    var exit = new int[3];
    call(
        "wait for",
        subject,
        (arena, errno) -> {
          var info = arena.allocate(SIGINFO_SIZE, Long.BYTES);
          int result = WAITID.asInt(errno, kind, id, info.address(), options);
          exit[0] = info.get(INT, SI_PID);
          exit[1] = info.get(INT, SI_CODE);
          exit[2] = info.get(INT, SI_STATUS);
          return result;
        });
    if (exit[0] == 0) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(exit[1] == CLD_EXITED ? exit[2] : 128 + exit[2]);
  }
}
