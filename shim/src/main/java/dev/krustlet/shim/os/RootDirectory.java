package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.OpenFlags.O_CLOEXEC;
import static dev.krustlet.shim.os.OpenFlags.O_DIRECTORY;
import static dev.krustlet.shim.os.OpenFlags.O_PATH;

import java.io.IOException;
import java.nio.file.Path;

/// A container's root directory. Every path is resolved inside it as after a chroot: absolute
/// symbolic links and `..` stay inside, and the kernel's magic links (those of /proc) are refused.
/// So an image cannot make the daemon touch the node's files.
public final class RootDirectory implements AutoCloseable {
  private static final long INSIDE = Syscall.RESOLVE_IN_ROOT | Syscall.RESOLVE_NO_MAGICLINKS;

  /// The kernel answers `EAGAIN` where a rename elsewhere on the machine met a `..` of ours.
  private static final int ATTEMPTS = 128;

  private final Path path;
  private final Fd directory;

  private RootDirectory(Path path, Fd directory) {
    this.path = path;
    this.directory = directory;
  }

  /// Holds that directory open as a root.
  ///
  /// @param root trusted; its own symbolic links are followed
  public static RootDirectory open(Path root) throws IOException {
    return new RootDirectory(
        root, LibcFiles.open(root.toString(), O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
  }

  /// Opens a regular file or a directory for reading. Anything else (a device, a fifo, a socket) is
  /// refused unopened, as opening alone can have effects.
  public Fd open(String file) throws IOException {
    try (var place = locate(file)) {
      if (!place.isRegularFile() && !place.isDirectory()) {
        throw new IOException(
            "open %s in %s: neither a regular file nor a directory".formatted(file, path));
      }
      return place.openedForReading();
    }
  }

  /// The place of a file of any kind, unopened: good for mounting on its [Fd#procPath].
  public Fd locate(String file) throws IOException {
    return resolve(file, O_PATH | O_CLOEXEC);
  }

  /// The directory at `file`, made with all its parents where they are missing. A symbolic link on
  /// the way is followed inside the root, and one that leads nowhere gets its target made.
  ///
  /// @param mode permissions of the directories made; the process's umask does not narrow them
  public Fd makeDirectories(String file, int mode) throws IOException {
    return new MissingPlaces(this, mode).directory(file);
  }

  /// The file at `file`, made empty if there is none, and its parents with mode 0755. What is there
  /// stays as it is, of whatever kind.
  public Fd makeFile(String file, int mode) throws IOException {
    return new MissingPlaces(this, 0755).file(file, mode);
  }

  Fd locateDirectory(String file) throws IOException {
    return resolve(file, O_PATH | O_DIRECTORY | O_CLOEXEC);
  }

  private Fd resolve(String file, int flags) throws IOException {
    String inside = file.isEmpty() ? "/" : file;
    for (int attempt = 1; ; attempt++) {
      try {
        return Syscall.openat2(directory.number(), inside, flags, INSIDE);
      } catch (ErrnoException e) {
        if (e.errno() != Errno.EAGAIN || attempt == ATTEMPTS) {
          throw new ErrnoException("open", "%s in %s".formatted(file, path), e.errno());
        }
      }
    }
  }

  @Override
  public void close() throws ErrnoException {
    directory.close();
  }
}
