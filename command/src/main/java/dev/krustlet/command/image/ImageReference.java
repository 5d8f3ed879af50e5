package dev.krustlet.command.image;

import dev.krustlet.shim.oci.Descriptor;
import java.util.Optional;

/// An image of a registry, by its tag or by its digest.
///
/// @param name with the tag `latest` where a digest stands alone
/// @param digest the one that it has to have
public record ImageReference(ImageName name, Optional<String> digest) {
  /// By its tag.
  public ImageReference(ImageName name) {
    this(name, Optional.empty());
  }

  /// Reads `NAME`, `NAME:TAG` or either with `@sha256:…` behind it.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  public static ImageReference parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      return new ImageReference(ImageName.parse(text));
    }
    String digest = text.substring(at + 1);
    if (Descriptor.sha256(digest).isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' is no digest like sha256: and 64 hexadecimal digits".formatted(digest));
    }
    return new ImageReference(ImageName.parse(text.substring(0, at)), Optional.of(digest));
  }

  /// What a registry is asked for.
  public String wanted() {
    return digest.orElse(name.tag());
  }

  @Override
  public String toString() {
    return digest
        .map(it -> "%s/%s@%s".formatted(name.registry(), name.repository(), it))
        .orElse(name.toString());
  }
}
