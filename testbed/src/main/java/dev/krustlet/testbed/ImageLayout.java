package dev.krustlet.testbed;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The blobs of an OCI image layout, and the archive of them.
final class ImageLayout {
  private static final String TYPES = "application/vnd.oci.image.";

  private final Map<String, byte[]> blobs = new LinkedHashMap<>();
  private Optional<String> dockers = Optional.empty();

  /// A blob as others refer to it.
  ///
  /// @param descriptor the members of its JSON object
  record Blob(String digest, String descriptor) {
    String path() {
      return "blobs/" + digest.replace(':', '/');
    }
  }

  /// Adds the list of parts that `docker load` wants.
  void tellDocker(Blob config, String name, Blob layer) {
    dockers =
        Optional.of(
            """
            [{"Config":"%s","RepoTags":["%s"],"Layers":["%s"]}]\
            """
                .formatted(config.path(), name, layer.path()));
  }

  /// Adds a document.
  ///
  /// @param type its media type behind `application/vnd.oci.image.`
  Blob add(String type, String document) {
    return add(type, bytes(document));
  }

  /// Adds a blob.
  ///
  /// @param type its media type behind `application/vnd.oci.image.`
  Blob add(String type, byte[] blob) {
    String digest = "sha256:" + sha256(blob);
    blobs.put(digest, blob);
    String descriptor =
        "\"mediaType\":\"%s%s\",\"digest\":\"%s\",\"size\":%d"
            .formatted(TYPES, type, digest, blob.length);
    return new Blob(digest, descriptor);
  }

  /// The whole as `ctr images import` takes it.
  ///
  /// @param root the manifest or the index that the name stands for
  byte[] archive(Blob root, String name) {
    var archive = new Tar();
    dockers.ifPresent(list -> archive.file("manifest.json", 0644, bytes(list)));
    archive.file("oci-layout", 0644, bytes("{\"imageLayoutVersion\":\"1.0.0\"}"));
    String index =
        """
        {"schemaVersion":2,"manifests":[{%s,"annotations":{"io.containerd.image.name":"%s"}}]}\
        """
            .formatted(root.descriptor(), name);
    archive.file("index.json", 0644, bytes(index));
    blobs.forEach((digest, blob) -> archive.file("blobs/" + digest.replace(':', '/'), 0644, blob));
    return archive.end();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] blob) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(blob));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
