package dev.krustlet.testbed;

/// An OCI image of one layer as `ctr images import` takes it, and `docker load`.
public final class ImageArchive {
  /// What an image is made for, as its configuration says it.
  record Platform(String os, String architecture) {
    static Platform ofThisMachine() {
      String host = System.getProperty("os.arch", "");
      return new Platform("linux", host.equals("aarch64") ? "arm64" : host);
    }
  }

  private final Tar layer = new Tar();
  private final String name;
  private String entrypoint = "";
  private Platform platform = Platform.ofThisMachine();

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

  /// Makes it for another platform than this machine's.
  public ImageArchive platform(String os, String architecture) {
    platform = new Platform(os, architecture);
    return this;
  }

  Platform platform() {
    return platform;
  }

  public String name() {
    return name;
  }

  /// The archive's bytes.
  public byte[] build() {
    var layout = new ImageLayout();
    Parts parts = parts(layout);
    layout.tellDocker(parts.config(), name, parts.layer());
    return layout.archive(parts.manifest(), name);
  }

  /// The blobs of the image.
  record Parts(ImageLayout.Blob layer, ImageLayout.Blob config, ImageLayout.Blob manifest) {}

  /// Adds the blobs of the image to a layout.
  Parts parts(ImageLayout layout) {
    byte[] rootfs = layer.end();
    var packed = layout.add("layer.v1.tar", rootfs);
    var config =
        layout.add(
            "config.v1+json",
            """
            {"architecture":"%s","os":"%s","config":{%s"Env":["PATH=/bin"]},\
            "rootfs":{"type":"layers","diff_ids":["%s"]}}\
            """
                .formatted(platform.architecture(), platform.os(), entrypoint, packed.digest()));
    var manifest =
        layout.add(
            "manifest.v1+json",
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":{%s},"layers":[{%s}]}\
            """
                .formatted(config.descriptor(), packed.descriptor()));
    return new Parts(packed, config, manifest);
  }
}
