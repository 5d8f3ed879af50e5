package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Program;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.WasmLayers;
import dev.krustlet.shim.oci.Process;
import dev.krustlet.shim.os.ErrnoException;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.RootDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Finds what a container is to run, as exec would: a name with a slash is a path from the working
/// directory, any other is looked for along PATH. Every path is resolved inside the container's
/// root. What is not there may be a wasm layer of the image.
///
/// @param kind what it is
record Entrypoint(Program program, ProgramKind kind) {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /// Finds what a process of a container is to run.
  ///
  /// @param layers asked if the root has no such file
  static Entrypoint find(ContainerRequest request, Process process, WasmLayers layers)
      throws TaskException, IOException, InterruptedException {
    if (process.args().isEmpty()) {
      throw new TaskException(
          Code.INVALID_ARGUMENT, "container %s has no command to run".formatted(request.id()));
    }
    String name = process.args().getFirst();
    Optional<Entrypoint> found = inRoot(request, process, name);
    if (found.isEmpty()) {
      found = inImage(request, name, layers);
    }
    return found.orElseThrow(() ->
        new TaskException(
            Code.INVALID_ARGUMENT,
            "exec `%s`: no such file in the root of container %s".formatted(name, request.id())));
  }

  private static Optional<Entrypoint> inRoot(ContainerRequest request, Process process, String name)
      throws IOException {
    String host = System.getProperty("os.arch");
    try (var root = RootDirectory.open(request.root())) {
      Optional<Entrypoint> found = lookUp(root, process, name, "", host);
      int hash = name.lastIndexOf('#');
      return found.isEmpty() && hash > 0
          ? lookUp(root, process, name.substring(0, hash), name.substring(hash + 1), host)
          : found;
    }
  }

  private static Optional<Entrypoint> inImage(
      ContainerRequest request, String name, WasmLayers layers)
      throws TaskException, IOException, InterruptedException {
    int hash = name.lastIndexOf('#');
    String program = hash > 0 ? name.substring(0, hash) : name;
    String export = hash > 0 ? name.substring(hash + 1) : "";
    return layers
        .find(request.id(), program)
        .map(layer -> new Program(program, export, Optional.of(layer)))
        .map(found -> new Entrypoint(found, new ProgramKind.Wasm()));
  }

  private static Optional<Entrypoint> lookUp(
      RootDirectory root, Process process, String name, String export, String host)
      throws IOException {
    for (String path : candidates(process, name)) {
      try (Fd file = root.open(path)) {
        if (file.isRegularFile()) {
          var kind = ProgramKind.of(file.readUpTo(ProgramKind.HEAD), host);
          return Optional.of(new Entrypoint(new Program(path, export), kind));
        }
      } catch (ErrnoException _) {
        // not there, or not to be opened: the next place may have it
      }
    }
    return Optional.empty();
  }

  private static List<String> candidates(Process process, String name) {
    if (name.contains("/")) {
      return List.of(Path.of(process.cwd()).resolve(name).normalize().toString());
    }
    String path =
        process.env().stream()
            .filter(each -> each.startsWith("PATH="))
            .map(each -> each.substring("PATH=".length()))
            .findFirst()
            .orElse(DEFAULT_PATH);
    return List.of(path.split(":")).stream()
        .map(directory -> Path.of(process.cwd()).resolve(directory).resolve(name).toString())
        .toList();
  }
}
