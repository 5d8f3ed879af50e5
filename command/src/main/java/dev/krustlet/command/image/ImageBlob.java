package dev.krustlet.command.image;

import com.google.gson.JsonObject;
import dev.krustlet.shim.oci.Digests;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// One part of an image.
public record ImageBlob(String mediaType, byte[] bytes) {
  static ImageBlob json(String mediaType, JsonObject document) {
    return new ImageBlob(mediaType, document.toString().getBytes(StandardCharsets.UTF_8));
  }

  /// `sha256:` and the hash in hexadecimal.
  public String digest() {
    return Digests.of(bytes);
  }

  String hash() {
    return HexFormat.of().formatHex(Digests.sha256().digest(bytes));
  }

  /// How other parts refer to it.
  JsonObject descriptor() {
    var descriptor = new JsonObject();
    descriptor.addProperty("mediaType", mediaType);
    descriptor.addProperty("digest", digest());
    descriptor.addProperty("size", bytes.length);
    return descriptor;
  }
}
