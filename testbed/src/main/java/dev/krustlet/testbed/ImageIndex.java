package dev.krustlet.testbed;

import java.util.ArrayList;
import java.util.List;

/// Several images under one name, one for each platform, as `docker buildx` makes them.
public final class ImageIndex {
  private final String name;
  private final List<ImageArchive> images = new ArrayList<>();
  private boolean attested;

  /// An index without images.
  ///
  /// @param name its full reference
  public ImageIndex(String name) {
    this.name = name;
  }

  /// Adds an image, whose own name does not matter.
  public ImageIndex image(ImageArchive image) {
    images.add(image);
    return this;
  }

  /// Adds what buildx adds unless told otherwise: a manifest for the platform `unknown/unknown`,
  /// which tells how the first image was built.
  public ImageIndex attested() {
    attested = true;
    return this;
  }

  public String name() {
    return name;
  }

  /// The archive's bytes.
  public byte[] build() {
    var layout = new ImageLayout();
    List<String> manifests = new ArrayList<>();
    String first = "";
    for (ImageArchive each : images) {
      ImageLayout.Blob manifest = each.parts(layout).manifest();
      first = first.isEmpty() ? manifest.digest() : first;
      var platform = each.platform();
      manifests.add(entry(manifest, platform.os(), platform.architecture(), ""));
    }
    if (attested) {
      manifests.add(attestation(layout, first));
    }
    var index =
        layout.add(
            "index.v1+json",
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",\
            "manifests":[%s]}\
            """
                .formatted(String.join(",", manifests)));
    return layout.archive(index, name);
  }

  private static String attestation(ImageLayout layout, String subject) {
    var statement = layout.add("layer.v1.tar", "{}");
    var config = layout.add("config.v1+json", "{\"architecture\":\"unknown\",\"os\":\"unknown\"}");
    var manifest =
        layout.add(
            "manifest.v1+json",
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":{%s},"layers":[{%s}]}\
            """
                .formatted(
                    config.descriptor(),
                    statement
                        .descriptor()
                        .replace("vnd.oci.image.layer.v1.tar", "vnd.in-toto+json")));
    String annotations =
        """
        ,"annotations":{"vnd.docker.reference.digest":"%s",\
        "vnd.docker.reference.type":"attestation-manifest"}\
        """
            .formatted(subject);
    return entry(manifest, "unknown", "unknown", annotations);
  }

  private static String entry(
      ImageLayout.Blob manifest, String os, String architecture, String more) {
    return "{%s,\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"}%s}"
        .formatted(manifest.descriptor(), os, architecture, more);
  }
}
