package dev.krustlet.shim.oci;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
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
  private static final Pattern SHA256 = Pattern.compile("sha256:([0-9a-f]{64})");

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

  /// One that says nothing more.
  public static Descriptor of(String mediaType, String digest, long size) {
    return new Descriptor(mediaType, digest, size, Map.of(), null);
  }

  /// The name of the file that the part was made of.
  public Optional<String> title() {
    return Optional.ofNullable(annotations.get(TITLE));
  }

  /// The hash in hexadecimal, if its digest is of the kind that we check.
  public Optional<String> sha256() {
    return sha256(digest);
  }

  /// The hash in hexadecimal of a digest of the kind that we check.
  public static Optional<String> sha256(String digest) {
    var match = SHA256.matcher(digest);
    return match.matches() ? Optional.of(match.group(1)) : Optional.empty();
  }
}
