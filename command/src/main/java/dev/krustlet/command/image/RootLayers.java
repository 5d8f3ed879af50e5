package dev.krustlet.command.image;

import dev.krustlet.shim.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// The layers that an image's root is made of, the lowest first.
public record RootLayers(List<Descriptor> layers, Source source) {
  /// Where their bytes come from. Nobody has checked them then.
  public interface Source {
    InputStream open(Descriptor layer) throws IOException;
  }

  /// All wasm files that are in the root in the end.
  ///
  /// @throws LayoutException if a layer is not what its digest says, or is none
  public RootFiles files() throws IOException {
    var files = new RootFiles();
    for (Descriptor layer : layers) {
      try (var packed = PackedLayer.open(layer, source.open(layer))) {
        for (var each = packed.next(); each.isPresent(); each = packed.next()) {
          files.add(layer, packed.ordinal(), each.get(), packed.content());
        }
        packed.check();
      }
    }
    return files;
  }

  /// Opens a file that was found in a layer.
  public InputStream open(RootFiles.Wasm file) throws IOException {
    var packed = PackedLayer.open(file.layer(), source.open(file.layer()));
    try {
      for (var each = packed.next(); each.isPresent(); each = packed.next()) {
        if (packed.ordinal() == file.ordinal()) {
          return packed.contentAlone();
        }
      }
      throw new LayoutException("layer %s has changed".formatted(file.layer().digest()));
    } catch (IOException | RuntimeException e) {
      packed.close();
      throw e;
    }
  }
}
