package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.OpenFlags.O_CLOEXEC;
import static dev.krustlet.shim.os.OpenFlags.O_CREAT;
import static dev.krustlet.shim.os.OpenFlags.O_EXCL;
import static dev.krustlet.shim.os.OpenFlags.O_NOFOLLOW;
import static dev.krustlet.shim.os.OpenFlags.O_PATH;
import static dev.krustlet.shim.os.OpenFlags.O_WRONLY;

import java.io.IOException;

/// Makes directories and files that are missing inside a root, one request each.
///
/// Every step resolves from the root anew and creates a single name in a directory held open, so a
/// tree that changes meanwhile may make it fail, and never makes it leave the root.
final class MissingPlaces {
  /// As the kernel bounds the links of one path.
  private static final int MAX_LINKS = 40;

  private final RootDirectory root;
  private final int directoryMode;
  private int links;

  MissingPlaces(RootDirectory root, int directoryMode) {
    this.root = root;
    this.directoryMode = directoryMode;
  }

  Fd directory(String file) throws IOException {
    try {
      return root.locateDirectory(file);
    } catch (ErrnoException e) {
      var place = Place.of(file);
      if (e.errno() != Errno.ENOENT || place.name().isEmpty()) {
        throw e;
      }
      return makeDirectory(file, place, e);
    }
  }

  private Fd makeDirectory(String file, Place place, ErrnoException missing) throws IOException {
    try (var parent = directory(place.parent())) {
      if (place.isDots()) {
        return root.locateDirectory(file);
      }
      if (!tryMakeDirectory(parent, place.name())) {
        var target = followed(parent, place, missing);
        return target.isEmpty() ? root.locateDirectory(file) : directory(target);
      }
      return root.locateDirectory(file);
    }
  }

  Fd file(String file, int mode) throws IOException {
    try {
      return root.locate(file);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      return makeFile(file, Place.of(file), mode, e);
    }
  }

  private Fd makeFile(String file, Place place, int mode, ErrnoException missing)
      throws IOException {
    if (place.name().isEmpty() || place.isDots()) {
      throw missing;
    }
    try (var parent = directory(place.parent())) {
      if (!tryMakeFile(parent, place.name(), mode)) {
        var target = followed(parent, place, missing);
        return target.isEmpty() ? root.locate(file) : file(target, mode);
      }
      return root.locate(file);
    }
  }

  /// @return false if the name is taken
  private boolean tryMakeDirectory(Fd parent, String name) throws ErrnoException {
    try {
      LibcFiles.mkdirat(parent, name, 0700);
    } catch (ErrnoException e) {
      return taken(e);
    }
    int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    try (var made = LibcFiles.openat(parent, name, flags, 0)) {
      LibcFiles.chmod(made.procPath().toString(), directoryMode);
    }
    return true;
  }

  private static boolean tryMakeFile(Fd parent, String name, int mode) throws ErrnoException {
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    try (var made = LibcFiles.openat(parent, name, flags, 0600)) {
      LibcFiles.chmod(made.procPath().toString(), mode);
      return true;
    } catch (ErrnoException e) {
      return taken(e);
    }
  }

  private static boolean taken(ErrnoException e) throws ErrnoException {
    if (e.errno() == Errno.EEXIST) {
      return false;
    }
    throw e;
  }

  /// Where the taken name leads, as a path from the root: it is a symbolic link to nowhere, or was
  /// made by somebody else in this moment, which is empty.
  private String followed(Fd parent, Place place, ErrnoException missing) throws ErrnoException {
    if (++links > MAX_LINKS) {
      throw missing;
    }
    try {
      var target = LibcFiles.readlinkat(parent.number(), place.name());
      return target.startsWith("/") ? target : place.parent() + "/" + target;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EINVAL) {
        return "";
      }
      throw e;
    }
  }

  /// A path cut before its last name.
  ///
  /// @param name empty for the root itself
  private record Place(String parent, String name) {
    static Place of(String file) {
      int end = file.length();
      while (end > 0 && file.charAt(end - 1) == '/') {
        end--;
      }
      int slash = file.lastIndexOf('/', end - 1);
      return new Place(file.substring(0, slash + 1), file.substring(slash + 1, end));
    }

    boolean isDots() {
      return name.equals(".") || name.equals("..");
    }
  }
}
