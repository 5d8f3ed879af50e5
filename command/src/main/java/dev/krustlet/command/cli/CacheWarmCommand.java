package dev.krustlet.command.cli;

import dev.krustlet.command.image.ImageReference;
import dev.krustlet.shim.containerd.AbsentBlobException;
import dev.krustlet.shim.containerd.ImageStore;
import dev.krustlet.shim.containerd.StoredImage;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.WasmLayer;
import dev.krustlet.shim.modules.ModuleCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `krustlet cache warm`.
@Command(
    name = "warm",
    header = "Compiles the modules of images before their first start.",
    description = {
      "Asks containerd for each IMAGE that was pulled, finds its modules, and puts their machine"
          + " code into the node's cache, from which containers start: the layers that are modules,"
          + " or the file that an ordinary image starts. Prints a line for each module.",
      "",
      "A container that starts meanwhile waits for the same compilation. One that does not compile"
          + " is told, and the others are compiled all the same.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  krustlet cache warm ghcr.io/me/app:1",
      "  krustlet cache warm ghcr.io/me/tools:1 --all",
      "  krustlet cache warm docker.io/library/app:1 --namespace default --json",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all are in the cache",
      "64:wrong usage",
      "65:an image has no module or has lost its layers, or a module does not compile",
      "66:containerd has no such image",
      "69:containerd, the engine or Java 25 is missing",
      "70:an internal error",
      "74:an input/output error, as when the cache cannot be written",
    })
final class CacheWarmCommand implements Callable<Integer> {
  private final Modules modules;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "as `crictl images` or `ctr images ls` name it")
  private List<String> images = new ArrayList<>();

  @Option(
      names = "--all",
      description = "every module in the root, not only the one that the image starts")
  private boolean all;

  @Option(
      names = "--address",
      paramLabel = "SOCKET",
      description = "containerd's socket; default: ${DEFAULT-VALUE}")
  private Path address = Path.of("/run/containerd/containerd.sock");

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description = "containerd's namespace; default: ${DEFAULT-VALUE}, the kubelet's")
  private String namespace = "k8s.io";

  @Option(
      names = "--json",
      description = "print one JSON object: modules with image, module, digest, bytes, state")
  private boolean json;

  CacheWarmCommand(Modules modules) {
    this.modules = modules;
  }

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    if (!Files.exists(address)) {
      throw new CommandException(
          ExitStatus.UNAVAILABLE,
          "no containerd listens at %s: --address names another place".formatted(address));
    }
    ModuleCache cache = modules.cache(modules.installation().engine());
    var report = new WarmReport();
    for (String image : images) {
      warm(cache, image, report);
    }
    report.print(spec.commandLine().getOut(), json);
    report.failures().forEach(each -> spec.commandLine().getErr().println("krustlet: " + each));
    return report.failures().isEmpty() ? 0 : ExitStatus.BAD_MODULE;
  }

  private void warm(ModuleCache cache, String name, WarmReport report)
      throws CommandException, IOException, InterruptedException {
    try {
      StoredImage image = find(name);
      List<WasmLayer> found = new ImageModules(image, all).find();
      if (found.isEmpty()) {
        report.fail(
            "image %s has no module%s"
                .formatted(
                    image.name(), all ? "" : " where it starts; --all looks at every file of it"));
      }
      for (WasmLayer each : found) {
        warm(cache, image.name(), each, report);
      }
    } catch (TaskException e) {
      throw new CommandException(Modules.status(e.code()), String.valueOf(e.getMessage()));
    } catch (AbsentBlobException e) {
      report.fail(Failures.cause(e)); // the other images may be whole
    } catch (IOException e) {
      throw RegistryFailures.of(e);
    }
  }

  private static void warm(ModuleCache cache, String image, WasmLayer module, WarmReport report)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    boolean there = cache.has(module.sha256());
    try {
      cache.compiled(module);
      var state = there ? WarmReport.State.WAS_THERE : WarmReport.State.COMPILED;
      report.add(image, module, state, Duration.ofNanos(System.nanoTime() - began));
    } catch (TaskException e) {
      report.add(
          image, module, WarmReport.State.FAILED, Duration.ofNanos(System.nanoTime() - began));
      report.fail(String.valueOf(e.getMessage()));
    }
  }

  /// By the name as it is, or completed as Docker does.
  private StoredImage find(String name)
      throws CommandException, TaskException, IOException, InterruptedException {
    var store = new ImageStore(address, namespace);
    for (String each : names(name)) {
      Optional<StoredImage> found = StoredImage.find(store, each);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new CommandException(
        ExitStatus.NO_INPUT,
        "containerd has no image %s in namespace %s; pull it first (`crictl pull %s`)"
            .formatted(name, namespace, name));
  }

  private static Set<String> names(String name) {
    var names = new LinkedHashSet<String>();
    names.add(name);
    try {
      names.add(ImageReference.parse(name).toString());
    } catch (IllegalArgumentException _) {
      // containerd takes names that registries do not
    }
    return names;
  }
}
