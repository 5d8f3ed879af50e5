package dev.krustlet.shim.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// The one line by which launchers find the daemon: `PID START-TIME ADDRESS`. The start time (field
/// 22 of /proc/PID/stat) tells a living daemon from another process that has its pid by now.
///
/// @param address `unix://` and the socket's path, as containerd takes it
record DaemonRecord(int pid, long startTime, String address) {
  /// Puts the record in place in one step, so that no launcher reads half of it.
  void write(Path file) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + "." + pid);
    Files.writeString(draft, "%d %d %s%n".formatted(pid, startTime, address));
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
