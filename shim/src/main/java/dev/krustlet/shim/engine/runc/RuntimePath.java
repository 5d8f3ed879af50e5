package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.engine.CallerPath;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.SearchPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The directories that a runtime's program is looked for in.
final class RuntimePath {
  private static final String SHIMS = "containerd-shim-";

  private volatile String latest = SearchPath.DEFAULT; // as long as no caller has told

  /// Takes note of the PATH that a container came with, which is the newest there is.
  String of(Path bundle) throws IOException {
    CallerPath.of(bundle).ifPresent(path -> latest = path);
    return latest;
  }

  /// The program of a name, by the container's own PATH and then by the newest.
  Path find(String name, String own) throws TaskException {
    if (name.substring(name.lastIndexOf('/') + 1).startsWith(SHIMS)) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          ("BinaryName in the options of the runtime is %s, which is a shim, and has to be the OCI"
                  + " runtime that a shim calls; leave it out for runc, and name the shim by"
                  + " runtime_type or runtime_path")
              .formatted(name));
    }
    if (name.contains("/")) {
      return Path.of(name);
    }
    for (String path : List.of(own, latest)) {
      Optional<Path> found = within(path, name);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new TaskException(
        Code.NOT_FOUND,
        ("there is no program %s on the PATH of containerd, which is %s; install it there, or set"
                + " BinaryName in the options of the runtime")
            .formatted(name, own));
  }

  static Optional<Path> within(String path, String name) {
    var candidates = new ArrayList<Path>();
    for (String directory : path.split(":", -1)) {
      if (directory.startsWith("/")) {
        candidates.add(Path.of(directory, name));
      }
    }
    return candidates.stream()
        .filter(each -> Files.isRegularFile(each) && Files.isExecutable(each))
        .findFirst();
  }
}
