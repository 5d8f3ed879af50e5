package dev.krustlet.shim.containerd;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.WasmLayer;
import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.oci.Digests;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A wasm layer in containerd's store.
record ImageLayer(ImageStore store, String image, Descriptor descriptor) implements WasmLayer {
  @Override
  public String name() {
    return "%s of image %s".formatted(descriptor.title().orElse(descriptor.digest()), image);
  }

  @Override
  public String sha256() {
    return descriptor.digest().substring(Digests.SHA256.length());
  }

  @Override
  public long size() {
    return descriptor.size();
  }

  @Override
  public void copyTo(Path file) throws TaskException, IOException, InterruptedException {
    try (var connection = Connection.to(store.socket(), store.namespace());
        var out = new BufferedOutputStream(Files.newOutputStream(file))) {
      new Content(connection).copy(descriptor.digest(), size(), name(), out);
    }
  }
}
