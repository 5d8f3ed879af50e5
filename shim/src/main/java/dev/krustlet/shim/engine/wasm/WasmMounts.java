package dev.krustlet.shim.engine.wasm;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Mount;
import dev.krustlet.shim.os.ErrnoException;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.Mounts;
import dev.krustlet.shim.os.RootDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Makes a wasm container's mounts for real, beneath its root, so that the kernel keeps their flags
/// and a guest sees what a native container would. Every place is found inside the root and held
/// open while it is mounted on. None of it reads the node's table of mounts, unless a volume has
/// mounts of its own.
final class WasmMounts {
  private static final String PROC = "proc";

  /// Through these a guest, which lives in a process of root, could read the node.
  private static final Set<String> NEVER =
      Set.of(PROC, "sysfs", "cgroup", "cgroup2", "mqueue", "devpts");

  private static final List<String> DEVICES = List.of("null", "zero", "full", "random", "urandom");

  private final Path root;
  private boolean othersCame;

  private WasmMounts(Path root) {
    this.root = root;
  }

  static void make(ContainerRequest request) throws TaskException, IOException {
    new WasmMounts(request.root()).all(request);
  }

  private void all(ContainerRequest request) throws TaskException, IOException {
    // a mount of our own, whose flags are ours; it keeps those of what it shows
    othersCame = Mounts.bind(root.toString(), root, List.of("rbind", "rprivate", "nodev"));
    for (Mount mount : request.spec().mounts()) {
      if (!NEVER.contains(mount.type())) {
        // opened anew each time: what was mounted before may hide what was there
        try (var directory = RootDirectory.open(root)) {
          make(mount, directory);
        }
      }
    }
    if (othersCame) {
      // what a bind mount brings with it (`/` of the node, say) may hold the node's /proc, through
      // which a guest reaches the memory of the engine: of its own process
      Mounts.unmountAll(root, PROC);
    }
    workingDirectory(request);
    if (request.spec().root().readonly()) {
      Mounts.mount("", "", root, List.of("remount", "bind", "nodev", "ro"));
    }
  }

  /// Images name directories that none of their layers has; runc makes them, as long as nothing is
  /// read-only.
  private void workingDirectory(ContainerRequest request) throws TaskException, IOException {
    String cwd = request.spec().process().cwd();
    try (var directory = RootDirectory.open(root);
        Fd _ = directory.makeDirectories(cwd, 0755)) {
      return;
    } catch (ErrnoException e) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "container %s: cannot make its working directory %s: %s; name another workingDir"
              .formatted(request.id(), cwd, e.getMessage()),
          e);
    }
  }

  private void make(Mount mount, RootDirectory directory) throws TaskException, IOException {
    try {
      if (mount.isBind()) {
        volume(mount, directory);
      } else if (mount.type().equals("tmpfs")) {
        try (Fd place = directory.makeDirectories(mount.destination(), 0755)) {
          Mounts.mount("tmpfs", "tmpfs", place.procPath(), mount.options());
        }
        if (mount.destination().equals("/dev")) {
          devices(directory);
        }
      } else {
        throw new TaskException(
            Code.INVALID_ARGUMENT,
            "mount %s: a wasm container cannot have a file system of type '%s'"
                .formatted(mount.destination(), mount.type()));
      }
    } catch (IOException e) {
      throw new IOException(
          "cannot mount %s at %s: %s"
              .formatted(mount.source(), mount.destination(), e.getMessage()),
          e);
    }
  }

  private void volume(Mount mount, RootDirectory directory) throws TaskException, IOException {
    try (Fd source = Fd.locateTrusted(Path.of(mount.source()))) {
      if (source.isOfProc()) {
        throw new TaskException(
            Code.INVALID_ARGUMENT,
            "mount %s: a wasm container cannot have %s of the node"
                .formatted(mount.destination(), mount.source()));
      }
      bind(source, mount.destination(), limited(mount.options()), directory);
    }
  }

  /// No device of a volume can be opened: for native containers a cgroup says which ones may be,
  /// for guests nothing would.
  private static List<String> limited(List<String> options) {
    List<String> limited = new ArrayList<>(options);
    limited.remove("dev");
    limited.add("nodev");
    return limited;
  }

  private void bind(Fd source, String destination, List<String> options, RootDirectory directory)
      throws IOException {
    List<String> all = new ArrayList<>(options);
    if (!all.contains("bind") && !all.contains("rbind")) {
      all.add("rbind");
    }
    try (Fd place =
        source.isDirectory()
            ? directory.makeDirectories(destination, 0755)
            : directory.makeFile(destination, 0644)) {
      othersCame |= Mounts.bind(source.procPath().toString(), place.procPath(), all);
    }
  }

  private void devices(RootDirectory directory) throws IOException {
    for (String device : DEVICES) {
      try (Fd source = Fd.locateTrusted(Path.of("/dev", device))) {
        bind(source, "/dev/" + device, List.of("bind"), directory);
      }
    }
  }
}
