package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.LeftoverException;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.WasmLayers;
import dev.krustlet.shim.engine.logging.Output;
import dev.krustlet.shim.engine.logging.Outputs;
import dev.krustlet.shim.oci.Annotations;
import dev.krustlet.shim.oci.Mount;
import dev.krustlet.shim.oci.Platform;
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
  private final String namespace;

  /// @param layers of images, for what is not in a container's root
  /// @param namespace containerd's, which logging programs are told
  public SelectingEngine(Engine natively, Engine wasm, WasmLayers layers, String namespace) {
    this.natively = natively;
    this.wasm = wasm;
    this.layers = layers;
    this.namespace = namespace;
  }

  @Override
  public Container create(ContainerRequest request) throws TaskException, InterruptedException {
    var outputs = new Outputs(request.bundle(), namespace);
    Output output = outputs.open(request.stdio(), "init", request.id());
    try {
      Made made = mounted(request.writing(output.stdio()));
      return new HeldContainer(made.container(), made.execs(), request.root(), output, outputs);
    } catch (TaskException | InterruptedException | RuntimeException | Error e) {
      output.close();
      throw e;
    }
  }

  /// A container of the engine that was chosen, and how its execs are found.
  private record Made(Container container, HeldContainer.ExecFinder execs) {}

  private Made mounted(ContainerRequest request) throws TaskException, InterruptedException {
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

  private Made made(ContainerRequest request)
      throws TaskException, IOException, InterruptedException {
    if (Annotations.isSandbox(request.spec())) {
      return natively(request); // it owns the pod's namespaces
    }
    bindForeignRoot(request);
    Optional<Entrypoint> found = entrypoint(request);
    if (found.isEmpty()) {
      if (Entrypoint.namesModule(request.spec().process())) {
        throw Entrypoint.missing(request, request.spec().process());
      }
      return natively(request); // it may be there yet, or runc says why not
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

  private Made natively(ContainerRequest request) throws TaskException, InterruptedException {
    return new Made(natively.create(request), exec -> exec);
  }

  private Made made(ContainerRequest found, Entrypoint entrypoint)
      throws TaskException, InterruptedException {
    return switch (entrypoint.kind()) {
      case ProgramKind.Native _ -> natively(found);
      case ProgramKind.Wasm _ -> new Made(wasm.create(found), new ModuleExecs(found, layers));
      case ProgramKind.Foreign(String machine) ->
          throw refused(
              found,
              entrypoint,
              "is a program for %s, and this node is %s"
                  .formatted(machine, Platform.NODE.architecture()));
      case ProgramKind.Unknown _ ->
          throw refused(
              found, entrypoint, "is neither a wasm module nor a program (ELF file or #! script)");
    };
  }

  private static TaskException refused(
      ContainerRequest request, Entrypoint entrypoint, String why) {
    return new TaskException(
        Code.INVALID_ARGUMENT,
        "container %s cannot run: `%s` %s"
            .formatted(request.id(), entrypoint.program().path(), why));
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
      LeftoverException.note(cause, e);
    }
  }
}
