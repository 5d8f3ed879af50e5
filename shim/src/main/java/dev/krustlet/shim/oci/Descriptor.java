package dev.krustlet.shim.oci;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a manifest refers to a part of an image.
///
/// @param digest algorithm and hash
/// @param size in bytes
public record Descriptor(
    String mediaType,
    String digest,
    long size,
    Map<String, String> annotations,
    Platform platform) {
  private static final String TITLE = "org.opencontainers.image.title";

  public Descriptor(
      @Nullable String mediaType,
      @Nullable String digest,
      long size,
      @Nullable Map<String, String> annotations,
      @Nullable Platform platform) {
    this.mediaType = Absent.string(mediaType);
    this.digest = Absent.string(digest);
    this.size = size;
    this.annotations = Absent.map(annotations);
    this.platform = platform == null ? Platform.UNKNOWN : platform;
  }

  /// The name of the file that the part was made of.
  public Optional<String> title() {
    return Optional.ofNullable(annotations.get(TITLE));
  }
}
