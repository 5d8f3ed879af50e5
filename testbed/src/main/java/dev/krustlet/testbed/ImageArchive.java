package dev.krustlet.testbed;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// An OCI image of one layer as `ctr images import` takes it.
public final class ImageArchive {
  private final Tar layer = new Tar();
  private final String name;
  private String entrypoint = "";

  /// An image with nothing in it.
  ///
  /// @param name its full reference, e.g. `localhost/guests:1`
  public ImageArchive(String name) {
    this.name = name;
  }

  public ImageArchive directory(String path, int mode) {
    layer.directory(path, mode);
    return this;
  }

  public ImageArchive file(String path, int mode, byte[] content) {
    layer.file(path, mode, content);
    return this;
  }

  public ImageArchive link(String path, String target) {
    layer.link(path, target);
    return this;
  }

  /// What a container of it runs unless told otherwise.
  ///
  /// @param program its path, without anything that JSON would have to escape
  public ImageArchive entrypoint(String program) {
    entrypoint = "\"Entrypoint\":[\"%s\"],".formatted(program);
    return this;
  }

  public String name() {
    return name;
  }

  /// The archive's bytes.
  public byte[] build() {
    byte[] rootfs = layer.end();
    byte[] config =
        bytes(
            """
            {"architecture":"%s","os":"linux","config":{%s"Env":["PATH=/bin"]},\
            "rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\
            """
                .formatted(architecture(), entrypoint, sha256(rootfs)));
    byte[] manifest =
        bytes(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":%s,"layers":[%s]}\
            """
                .formatted(
                    descriptor("config.v1+json", config), descriptor("layer.v1.tar", rootfs)));
    byte[] index =
        bytes(
            """
            {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "digest":"sha256:%s","size":%d,"annotations":{"io.containerd.image.name":"%s"}}]}\
            """
                .formatted(sha256(manifest), manifest.length, name));
    var archive = new Tar();
    archive.file("oci-layout", 0644, bytes("{\"imageLayoutVersion\":\"1.0.0\"}"));
    archive.file("index.json", 0644, index);
    for (byte[] blob : new byte[][] {rootfs, config, manifest}) {
      archive.file("blobs/sha256/" + sha256(blob), 0644, blob);
    }
    return archive.end();
  }

  private static String descriptor(String type, byte[] blob) {
    return "{\"mediaType\":\"application/vnd.oci.image.%s\",\"digest\":\"sha256:%s\",\"size\":%d}"
        .formatted(type, sha256(blob), blob.length);
  }

  private static String architecture() {
    String host = System.getProperty("os.arch", "");
    return host.equals("aarch64") ? "arm64" : host;
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
