package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// Processes of this machine by their ids.
public final class Processes {
  private static final int STATE = 0; // fields after the name, proc_pid_stat(5) less 3
  private static final int START_TIME = 19;

  private Processes() {}

  /// Sends a signal.
  ///
  /// @throws ErrnoException `ESRCH` if there is no such process
  public static void kill(int pid, int signal) throws IOException {
    LibcProcesses.kill(pid, signal);
  }

  /// Whether the process (or thread) runs: one that ended and was not waited for does not.
  public static boolean alive(int pid) throws IOException {
    return fields(pid).filter(f -> !isDead(f)).isPresent();
  }

  /// Whether the very process runs that was started then: not another of its pid, and not one that
  /// has ended and was not waited for.
  public static boolean lives(int pid, long startTime) throws IOException {
    return fields(pid)
        .filter(f -> !isDead(f) && Long.parseLong(f[START_TIME]) == startTime)
        .isPresent();
  }

  static boolean isZombie(int pid) throws IOException {
    return fields(pid).filter(Processes::isDead).isPresent();
  }

  private static boolean isDead(String[] fields) {
    return fields[STATE].equals("Z") || fields[STATE].equals("X");
  }

  /// When the process started, in clock ticks since boot: with its pid it names a process for good.
  /// Empty if there is none.
  public static Optional<Long> startTime(int pid) throws IOException {
    return fields(pid).map(f -> Long.valueOf(f[START_TIME]));
  }

  /// What /proc/PID/stat says behind the name, which may hold any character itself.
  private static Optional<String[]> fields(int pid) throws IOException {
    try {
      var stat =
          Files.readString(Path.of("/proc/%d/stat".formatted(pid)), StandardCharsets.ISO_8859_1);
      return Optional.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      if (alreadyGone(pid)) { // read(2) says ESRCH if it ended after open(2)
        return Optional.empty();
      }
      throw e;
    }
  }

  private static boolean alreadyGone(int pid) {
    return !Files.exists(Path.of("/proc/" + pid));
  }

  /// How gladly the kernel ends a process when memory runs out, -1000 (never) to 1000. Children
  /// have their parent's value.
  public static void setOomScoreAdjust(long pid, int adjust) throws IOException {
    Files.writeString(Path.of("/proc/%d/oom_score_adj".formatted(pid)), Integer.toString(adjust));
  }

  /// The effective user of this process.
  public static long uid() throws IOException {
    return LibcProcesses.geteuid();
  }

  public static int pid() {
    return Math.toIntExact(ProcessHandle.current().pid());
  }
}
