package dev.krustlet.shim.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.krustlet.shim.oci.MediaTypes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// An OCI image layout in an archive, as `ctr images import` and other tools take it.
public record ImageLayout(ImageName name, WasmImage image) {
  public void write(OutputStream out) throws IOException {
    try (var archive = new PlainTar(out)) {
      archive.file("oci-layout", bytes("{\"imageLayoutVersion\":\"1.0.0\"}"));
      archive.file("index.json", bytes(index().toString()));
      for (ImageBlob blob : image.blobs()) {
        archive.file(place(blob), blob.bytes());
      }
      archive.file(place(image.manifest()), image.manifest().bytes());
    }
  }

  private static String place(ImageBlob blob) {
    return "blobs/sha256/" + blob.hash();
  }

  private JsonObject index() {
    var names = new JsonObject();
    names.addProperty("io.containerd.image.name", name.toString());
    names.addProperty("org.opencontainers.image.ref.name", name.tag());
    JsonObject manifest = image.manifest().descriptor();
    manifest.add("annotations", names);
    var manifests = new JsonArray();
    manifests.add(manifest);
    var index = new JsonObject();
    index.addProperty("schemaVersion", 2);
    index.addProperty("mediaType", MediaTypes.INDEX);
    index.add("manifests", manifests);
    return index;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
