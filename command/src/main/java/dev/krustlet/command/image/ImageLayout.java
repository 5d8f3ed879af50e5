package dev.krustlet.command.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.krustlet.shim.oci.MediaTypes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// An OCI image layout in an archive, as `ctr images import` and other tools take it. One that
/// Docker can run has Docker's own list of its parts as well, which `docker load` looks for.
public final class ImageLayout implements AutoCloseable {
  private final PlainTar archive;

  private ImageLayout(PlainTar archive) {
    this.archive = archive;
  }

  /// Writes the bytes of a blob, as many as were announced.
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /// Writes an image that was just made.
  public static void write(ImageName name, WasmImage image, OutputStream out) throws IOException {
    try (var layout = begin(new ImageReference(name), image.manifest().descriptor(), out)) {
      if (image.form() == ImageForm.ORDINARY) {
        layout.archive.file("manifest.json", bytes(dockers(name, image).toString()));
      }
      for (ImageBlob blob : image.blobs()) {
        layout.blob(blob.hash(), blob.bytes());
      }
      layout.blob(image.manifest().hash(), image.manifest().bytes());
    }
  }

  /// Begins the archive of an image.
  ///
  /// @param image descriptor of its manifest or index
  static ImageLayout begin(ImageReference name, JsonObject image, OutputStream out)
      throws IOException {
    var layout = new ImageLayout(new PlainTar(out));
    layout.archive.file("oci-layout", bytes("{\"imageLayoutVersion\":\"1.0.0\"}"));
    layout.archive.file("index.json", bytes(index(name, image).toString()));
    return layout;
  }

  /// Begins the archive of an image that somebody else made.
  public static ImageLayout begin(ImageReference name, ImageTree image, OutputStream out)
      throws IOException {
    var root = image.root();
    return begin(
        name, new ImageBlob(root.descriptor().mediaType(), root.bytes()).descriptor(), out);
  }

  /// @param hash SHA-256 in hexadecimal
  public void blob(String hash, byte[] bytes) throws IOException {
    archive.file(place(hash), bytes);
  }

  /// @param hash SHA-256 in hexadecimal
  public void blob(String hash, long size, Content content) throws IOException {
    archive.file(place(hash), size, content);
  }

  private static String place(String hash) {
    return "blobs/sha256/" + hash;
  }

  private static JsonObject index(ImageReference name, JsonObject image) {
    var names = new JsonObject();
    names.addProperty("io.containerd.image.name", name.toString());
    if (name.digest().isEmpty()) {
      names.addProperty("org.opencontainers.image.ref.name", name.name().tag());
    }
    image.add("annotations", names);
    var manifests = new JsonArray();
    manifests.add(image);
    var index = new JsonObject();
    index.addProperty("schemaVersion", 2);
    index.addProperty("mediaType", MediaTypes.INDEX);
    index.add("manifests", manifests);
    return index;
  }

  private static JsonArray dockers(ImageName name, WasmImage image) {
    var tags = new JsonArray();
    tags.add(name.toString());
    var layers = new JsonArray();
    layers.add(place(image.layer().hash()));
    var listed = new JsonObject();
    listed.addProperty("Config", place(image.config().hash()));
    listed.add("RepoTags", tags);
    listed.add("Layers", layers);
    var list = new JsonArray();
    list.add(listed);
    return list;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    archive.close();
  }
}
