package dev.krustlet.command.image;

import dev.krustlet.shim.oci.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// A root file system that has one file. It is not compressed: how deflate packs is not the same
/// everywhere, and equal files are to give equal images.
final class RootLayer {
  private RootLayer() {}

  static ImageBlob with(WasmFile file) {
    var bytes = new ByteArrayOutputStream();
    try (var archive = new PlainTar(bytes)) {
      archive.file(file.name(), file.bytes());
    } catch (IOException e) {
      throw new UncheckedIOException("memory refuses to be written to", e);
    }
    return new ImageBlob(MediaTypes.TAR_LAYER, bytes.toByteArray());
  }
}
