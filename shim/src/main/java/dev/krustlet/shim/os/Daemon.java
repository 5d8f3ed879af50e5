package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.OpenFlags.O_APPEND;
import static dev.krustlet.shim.os.OpenFlags.O_CLOEXEC;
import static dev.krustlet.shim.os.OpenFlags.O_CREAT;
import static dev.krustlet.shim.os.OpenFlags.O_NOCTTY;
import static dev.krustlet.shim.os.OpenFlags.O_RDONLY;
import static dev.krustlet.shim.os.OpenFlags.O_TRUNC;
import static dev.krustlet.shim.os.OpenFlags.O_WRONLY;

import java.io.IOException;
import java.nio.file.Path;

/// What this process does to itself to become a daemon.
public final class Daemon {
  private Daemon() {}

  /// Leaves the session and process group of whoever started us.
  ///
  /// @throws ErrnoException `EPERM` if it leads a process group already
  public static void newSession() throws IOException {
    LibcProcesses.setsid();
  }

  /// Puts a file in place of a standard stream, for this process and its children.
  ///
  /// @param number 0 for reading; 1 or 2 for writing, made if missing
  /// @param append keeps what the file holds and writes behind it; otherwise it is emptied
  public static void redirectStandard(int number, Path file, boolean append) throws IOException {
    if (number < 0 || number > 2) {
      throw new IllegalArgumentException(number + " is no standard stream");
    }
    int writing = O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC);
    int flags = (number == 0 ? O_RDONLY : writing) | O_CLOEXEC | O_NOCTTY;
    try (var opened = LibcFiles.open(file.toString(), flags, 0640)) {
      LibcDescriptors.dup2(opened, number);
    }
  }

  /// Files made from now on are for the owner alone, unless their modes are set expressly.
  public static void noNewFilesForOthers() throws IOException {
    LibcProcesses.umask(077);
  }
}
