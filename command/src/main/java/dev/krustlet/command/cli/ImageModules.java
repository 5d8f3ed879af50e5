package dev.krustlet.command.cli;

import dev.krustlet.command.image.RootFiles;
import dev.krustlet.command.image.RootLayers;
import dev.krustlet.shim.containerd.StoredImage;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.WasmLayer;
import dev.krustlet.shim.oci.ImageConfig;
import dev.krustlet.shim.oci.SearchPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The modules of an image, as those who start its containers will find them.
///
/// @param all whether all files count, or the one that the image starts alone
record ImageModules(StoredImage image, boolean all) {
  List<WasmLayer> find() throws TaskException, IOException {
    List<WasmLayer> layers = image.wasmLayers();
    if (!layers.isEmpty()) {
      return layers;
    }
    var root = new RootLayers(image.manifest().layers(), image::open);
    RootFiles files = root.files();
    Optional<RootFiles.Wasm> entrypoint = entrypoint(files);
    Stream<RootFiles.Wasm> found =
        all ? Stream.concat(entrypoint.stream(), files.modules().stream()) : entrypoint.stream();
    return found
        .distinct()
        .<WasmLayer>map(each -> new RootModule(image.name(), root, each))
        .toList();
  }

  private Optional<RootFiles.Wasm> entrypoint(RootFiles files) {
    List<String> command = image.config().config().command();
    if (command.isEmpty()) {
      return Optional.empty();
    }
    String name = command.getFirst();
    int hash = name.lastIndexOf('#');
    return lookUp(files, name)
        .or(() -> hash > 0 ? lookUp(files, name.substring(0, hash)) : Optional.empty());
  }

  /// As a container's start would.
  private Optional<RootFiles.Wasm> lookUp(RootFiles files, String name) {
    ImageConfig.Run run = image.config().config();
    Stream<String> paths = SearchPath.candidates(run.environment(), run.directory(), name);
    return Stream.concat(paths, Stream.of(SearchPath.below(run.directory(), name)))
        .flatMap(path -> files.at(path).stream())
        .findFirst();
  }

  /// A file of a root that nobody has unpacked for us.
  private record RootModule(String image, RootLayers root, RootFiles.Wasm file)
      implements WasmLayer {
    @Override
    public String name() {
      return "%s of image %s".formatted(file.path(), image);
    }

    @Override
    public String sha256() {
      return file.sha256();
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void copyTo(Path copy) throws IOException {
      try (var in = root.open(file);
          var out = Files.newOutputStream(copy)) {
        in.transferTo(out);
      }
    }
  }
}
