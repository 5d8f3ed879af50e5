package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.WasmLayers;
import dev.krustlet.shim.oci.Annotations;
import dev.krustlet.shim.oci.Mount;
import dev.krustlet.shim.os.MountedRoot;
import dev.krustlet.shim.os.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The engine that the tasks know: mounts a container's root, looks what it is to run, and has the
/// engine of that kind make it. The root is unmounted with everything beneath it when the container
/// is deleted or could not be made.
public final class SelectingEngine implements Engine {
  /// A tmpfs that begins with what the root has at its place.
  private static final String COPIED_UP = "tmpcopyup";

  private final Engine natively;
  private final Engine wasm;
  private final WasmLayers layers;

  /// @param layers of images, for what is not in a container's root
  public SelectingEngine(Engine natively, Engine wasm, WasmLayers layers) {
    this.natively = natively;
    this.wasm = wasm;
    this.layers = layers;
  }

  @Override
  public Container create(ContainerRequest request) throws TaskException, InterruptedException {
    try {
      RootMounts.make(request);
      return made(request);
    } catch (TaskException | InterruptedException | RuntimeException | Error e) {
      undo(request.root(), e);
      throw e;
    } catch (IOException e) {
      undo(request.root(), e);
      throw new TaskException(
          Code.UNKNOWN,
          "cannot mount the root of container %s: %s".formatted(request.id(), e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    wasm.close();
    natively.close();
  }

  private Container made(ContainerRequest request)
      throws TaskException, IOException, InterruptedException {
    if (Annotations.isSandbox(request.spec())) {
      return rooted(natively.create(request), request); // it owns the pod's namespaces
    }
    bindForeignRoot(request);
    Optional<Entrypoint> found = entrypoint(request);
    if (found.isEmpty()) {
      if (Entrypoint.namesModule(request.spec().process())) {
        throw Entrypoint.missing(request, request.spec().process());
      }
      return rooted(natively.create(request), request); // it may be there yet, or runc says why not
    }
    return made(request.running(found.get().program()), found.get());
  }

  /// Looks at the files that the container's processes will see: those of its volumes where it has
  /// some, and never one that a mount hides.
  private Optional<Entrypoint> entrypoint(ContainerRequest request)
      throws TaskException, IOException, InterruptedException {
    try (var root = MountedRoot.open(request.root())) {
      for (Mount mount : request.spec().mounts()) {
        if (!mount.options().contains(COPIED_UP)) {
          Path source = request.bundle().resolve(mount.source());
          root.mount(mount.destination(), mount.isBind() ? Optional.of(source) : Optional.empty());
        }
      }
      return Entrypoint.find(request, request.spec().process(), root::locate, layers);
    }
  }

  private Container made(ContainerRequest found, Entrypoint entrypoint)
      throws TaskException, InterruptedException {
    return switch (entrypoint.kind()) {
      case ProgramKind.Native _ -> rooted(natively.create(found), found);
      case ProgramKind.Wasm _ ->
          rooted(new ModuleContainer(wasm.create(found), found, layers), found);
      case ProgramKind.Foreign(String machine) ->
          throw refused(
              found, "`%s` is a program for %s, and this node is %s", entrypoint, machine);
      case ProgramKind.Unknown _ ->
          throw refused(
              found,
              "`%s` is neither a wasm module nor a program (ELF file or #! script)",
              entrypoint,
              "");
    };
  }

  private static Container rooted(Container container, ContainerRequest request) {
    return new RootedContainer(container, request.root());
  }

  private static TaskException refused(
      ContainerRequest request, String sentence, Entrypoint entrypoint, String machine) {
    return new TaskException(
        Code.INVALID_ARGUMENT,
        "container %s cannot run: %s"
            .formatted(
                request.id(),
                sentence.formatted(
                    entrypoint.program().path(), machine, System.getProperty("os.arch"))));
  }

  /// A root that is elsewhere (`ctr run --rootfs`) is bound to where every other root is, so that
  /// one place has all mounts of a container and one unmount takes them.
  private static void bindForeignRoot(ContainerRequest request) throws IOException {
    if (request.rootfs().isEmpty() && !request.spec().root().path().isEmpty()) {
      Path root = request.bundle().resolve(request.spec().root().path());
      if (!root.equals(request.root())) {
        Mounts.mount("bind", root.toString(), request.root(), List.of("rbind", "rprivate"));
      }
    }
  }

  private static void undo(Path root, Throwable cause) {
    try {
      Mounts.unmountTree(root);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
