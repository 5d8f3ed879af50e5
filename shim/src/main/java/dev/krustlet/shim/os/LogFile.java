package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.OpenFlags.O_APPEND;
import static dev.krustlet.shim.os.OpenFlags.O_CLOEXEC;
import static dev.krustlet.shim.os.OpenFlags.O_CREAT;
import static dev.krustlet.shim.os.OpenFlags.O_EXCL;
import static dev.krustlet.shim.os.OpenFlags.O_WRONLY;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A file that a container's output is appended to, readable by everybody whatever the umask of
/// this process is: who reads logs need not be who runs containers.
public final class LogFile {
  private static final int FILE = 0644;
  private static final int DIRECTORY = 0755;

  private LogFile() {}

  /// Opens it. The file and its directories are made if they are missing; the modes of what is
  /// there stay.
  public static Fd open(Path path) throws IOException {
    makeDirectory(path.toAbsolutePath().getParent());
    int writing = O_WRONLY | O_APPEND | O_CLOEXEC;
    try {
      Fd made = LibcFiles.open(path.toString(), writing | O_CREAT | O_EXCL, FILE);
      LibcFiles.chmod(made.procPath().toString(), FILE);
      return made;
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      return LibcFiles.open(path.toString(), writing | O_CREAT, FILE); // also by a link
    }
  }

  private static void makeDirectory(@Nullable Path directory) throws IOException {
    if (directory == null || Files.isDirectory(directory)) {
      return;
    }
    makeDirectory(directory.getParent());
    try {
      Files.createDirectory(directory);
      LibcFiles.chmod(directory.toString(), DIRECTORY);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e; // else somebody else has just made it
      }
    }
  }
}
