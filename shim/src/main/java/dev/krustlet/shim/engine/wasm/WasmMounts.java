package dev.krustlet.shim.engine.wasm;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Mount;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.Mounts;
import dev.krustlet.shim.os.RootDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Makes a wasm container's mounts for real, beneath its root, so that the kernel keeps their flags
/// and a guest sees what a native container would. Every place is found inside the root and held
/// open while it is mounted on.
final class WasmMounts {
  private static final String PROC = "proc";

  /// Through these a guest, which lives in a process of root, could read the node.
  private static final Set<String> NEVER =
      Set.of(PROC, "sysfs", "cgroup", "cgroup2", "mqueue", "devpts");

  private static final List<String> DEVICES = List.of("null", "zero", "full", "random", "urandom");

  private WasmMounts() {}

  static void make(ContainerRequest request) throws TaskException, IOException {
    Path root = request.root();
    // a mount of our own, whose flags are ours; it keeps those of what it shows
    Mounts.mount("bind", root.toString(), root, List.of("rbind", "rprivate", "nodev"));
    for (Mount mount : request.spec().mounts()) {
      if (!NEVER.contains(mount.type())) {
        // opened anew each time: what was mounted before may hide what was there
        try (var directory = RootDirectory.open(root)) {
          make(mount, directory);
        }
      }
    }
    hideProc(root);
    if (request.spec().root().readonly()) {
      Mounts.mount("", "", root, List.of("remount", "bind", "nodev", "ro"));
    }
  }

  /// What a bind mount brings with it (`/` of the node, say) may hold the node's /proc, through
  /// which a guest reaches the memory of the engine: of its own process.
  private static void hideProc(Path root) throws IOException {
    for (Path proc : Mounts.beneath(root, PROC)) {
      Mounts.unmountTree(proc);
    }
  }

  private static void make(Mount mount, RootDirectory root) throws TaskException, IOException {
    try {
      if (isBind(mount)) {
        refuseProc(mount);
        bind(mount.source(), mount.destination(), limited(mount.options()), root);
      } else if (mount.type().equals("tmpfs")) {
        try (Fd place = root.makeDirectories(mount.destination(), 0755)) {
          Mounts.mount("tmpfs", "tmpfs", place.procPath(), mount.options());
        }
        if (mount.destination().equals("/dev")) {
          devices(root);
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

  private static void refuseProc(Mount mount) throws TaskException, IOException {
    if (Files.getFileStore(Path.of(mount.source())).type().equals(PROC)) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "mount %s: a wasm container cannot have %s of the node"
              .formatted(mount.destination(), mount.source()));
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

  private static boolean isBind(Mount mount) {
    return mount.type().equals("bind")
        || mount.options().contains("bind")
        || mount.options().contains("rbind");
  }

  private static void bind(
      String source, String destination, List<String> options, RootDirectory root)
      throws IOException {
    List<String> all = new ArrayList<>(options);
    if (!all.contains("bind") && !all.contains("rbind")) {
      all.add("rbind");
    }
    try (Fd place =
        Files.isDirectory(Path.of(source))
            ? root.makeDirectories(destination, 0755)
            : root.makeFile(destination, 0644)) {
      Mounts.mount("bind", source, place.procPath(), all);
    }
  }

  private static void devices(RootDirectory root) throws IOException {
    for (String device : DEVICES) {
      bind("/dev/" + device, "/dev/" + device, List.of("bind"), root);
    }
  }
}
