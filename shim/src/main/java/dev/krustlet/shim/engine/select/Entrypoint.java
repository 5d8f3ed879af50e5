package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Program;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.WasmLayers;
import dev.krustlet.shim.oci.Platform;
import dev.krustlet.shim.oci.Process;
import dev.krustlet.shim.oci.SearchPath;
import dev.krustlet.shim.os.ErrnoException;
import dev.krustlet.shim.os.Fd;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds what a container is to run, as exec would: a name with a slash is a path from the working
/// directory, any other is looked for along PATH. What is not there may be a wasm layer of the
/// image, or a module in the working directory, where some images have theirs without a slash.
///
/// @param kind what it is
record Entrypoint(Program program, ProgramKind kind) {
  private static final Set<String> MODULES = Set.of(".wasm", ".wat");

  /// The files that a process of the container will see. Every path is resolved inside its root.
  interface Places {
    /// The place of a file, unopened; empty if there is none.
    Optional<Fd> locate(String path) throws IOException;
  }

  /// Finds what a process of a container is to run; empty if nothing is found that a guest could
  /// be.
  ///
  /// @param layers asked if the places have no such file
  static Optional<Entrypoint> find(
      ContainerRequest request, Process process, Places places, WasmLayers layers)
      throws TaskException, IOException, InterruptedException {
    if (process.args().isEmpty()) {
      throw new TaskException(
          Code.INVALID_ARGUMENT, "container %s has no command to run".formatted(request.id()));
    }
    String name = process.args().getFirst();
    Optional<Entrypoint> found = inPlaces(places, process, name);
    return found.isPresent() ? found : inImage(request, name, layers);
  }

  /// The refusal of a process whose program is nowhere.
  static TaskException missing(ContainerRequest request, Process process) {
    return new TaskException(
        Code.INVALID_ARGUMENT,
        "exec `%s`: no such file in the root of container %s"
            .formatted(process.args().getFirst(), request.id()));
  }

  /// Whether a process can only mean a guest by its command, be it there or not.
  static boolean namesModule(Process process) {
    String name = process.args().getFirst();
    int hash = name.lastIndexOf('#');
    String file = hash < 0 ? name : name.substring(0, hash);
    return MODULES.stream().anyMatch(file::endsWith);
  }

  private static Optional<Entrypoint> inPlaces(Places places, Process process, String name)
      throws IOException {
    Optional<Entrypoint> found = lookUp(places, process, name, "");
    int hash = name.lastIndexOf('#');
    return found.isEmpty() && hash > 0
        ? lookUp(places, process, name.substring(0, hash), name.substring(hash + 1))
        : found;
  }

  private static Optional<Entrypoint> inImage(
      ContainerRequest request, String name, WasmLayers layers)
      throws TaskException, IOException, InterruptedException {
    int hash = name.lastIndexOf('#');
    String program = hash < 0 ? name : name.substring(0, hash);
    String export = hash < 0 ? "" : name.substring(hash + 1);
    return layers
        .find(request.id(), program)
        .map(layer -> new Program(program, export, Optional.of(layer)))
        .map(found -> new Entrypoint(found, new ProgramKind.Wasm()));
  }

  private static Optional<Entrypoint> lookUp(
      Places places, Process process, String name, String export) throws IOException {
    List<String> paths = SearchPath.candidates(process.env(), process.cwd(), name).toList();
    for (String path : paths) {
      Optional<Entrypoint> found = at(places, path, export, SearchPath.isPath(name));
      if (found.isPresent()) {
        return found;
      }
    }
    return SearchPath.isPath(name)
        ? Optional.empty()
        : at(places, SearchPath.below(process.cwd(), name), export, false)
            .filter(found -> found.kind() instanceof ProgramKind.Wasm);
  }

  /// @param named whether the command says this very path, so that no other can be meant
  private static Optional<Entrypoint> at(Places places, String path, String export, boolean named)
      throws IOException {
    Optional<Fd> place = located(places, path);
    if (place.isEmpty()) {
      return Optional.empty();
    }
    try (Fd file = place.get()) {
      if (!file.isRegularFile()) {
        return Optional.empty();
      }
      var kind = kind(file);
      boolean counts = named || kind instanceof ProgramKind.Wasm || file.isExecutable();
      return counts
          ? Optional.of(new Entrypoint(new Program(path, export), kind))
          : Optional.empty();
    }
  }

  private static Optional<Fd> located(Places places, String path) throws IOException {
    try {
      return places.locate(path);
    } catch (ErrnoException _) {
      return Optional.empty(); // not there, or not to be seen: the next place may have it
    }
  }

  private static ProgramKind kind(Fd place) throws IOException {
    try (Fd file = place.openedForReading()) {
      return ProgramKind.of(file.readUpTo(ProgramKind.HEAD), Platform.NODE.architecture());
    }
  }
}
