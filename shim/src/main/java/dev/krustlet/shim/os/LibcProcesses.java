package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.INT;
import static dev.krustlet.shim.os.Native.LONG;
import static dev.krustlet.shim.os.Native.POINTER;
import static dev.krustlet.shim.os.Native.call;
import static dev.krustlet.shim.os.Native.function;

import java.lang.invoke.MethodHandle;
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

  private static final MethodHandle KILL = function("kill", INT, INT, INT);
  private static final MethodHandle GETEUID = function("geteuid", INT);
  private static final MethodHandle SETSID = function("setsid", INT);
  private static final MethodHandle UMASK = function("umask", INT, INT);
  private static final MethodHandle WAITID = function("waitid", INT, INT, INT, POINTER, INT);
  private static final MethodHandle PRCTL =
      Native.variadic("prctl", 1, INT, INT, LONG, LONG, LONG, LONG);

  private LibcProcesses() {}

  static void kill(int pid, int signal) throws ErrnoException {
    call("kill", pid, (_, errno) -> (int) KILL.invokeExact(errno, pid, signal));
  }

  static long geteuid() throws ErrnoException {
    return call(
        "geteuid", "", (_, errno) -> Integer.toUnsignedLong((int) GETEUID.invokeExact(errno)));
  }

  static void setsid() throws ErrnoException {
    call("make a session for", "this process", (_, errno) -> (int) SETSID.invokeExact(errno));
  }

  static void umask(int mask) throws ErrnoException {
    call("umask", mask, (_, errno) -> (int) UMASK.invokeExact(errno, mask));
  }

  static void becomeSubreaper() throws ErrnoException {
    call(
        "prctl",
        "PR_SET_CHILD_SUBREAPER",
        (_, errno) -> (int) PRCTL.invokeExact(errno, PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L));
  }

  /// The exit of a child by pidfd: code or 128 + signal; empty while it runs.
  static OptionalInt reap(Fd pidfd) throws ErrnoException {
    return waitid(P_PIDFD, pidfd.number(), pidfd);
  }

  static OptionalInt reap(int pid) throws ErrnoException {
    return waitid(P_PID, pid, pid);
  }

  private static OptionalInt waitid(int kind, int id, Object subject) throws ErrnoException {
    var exit = new int[3];
    call(
        "wait for",
        subject,
        (arena, errno) -> {
          var info = arena.allocate(SIGINFO_SIZE, Long.BYTES);
          int result = (int) WAITID.invokeExact(errno, kind, id, info, WEXITED | WNOHANG);
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
