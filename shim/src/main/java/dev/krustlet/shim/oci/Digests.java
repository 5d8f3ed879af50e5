package dev.krustlet.shim.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256, as images write it.
public final class Digests {
  /// What a digest begins with, before the hash in hexadecimal.
  public static final String SHA256 = "sha256:";

  private Digests() {}

  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /// What images call these bytes.
  public static String of(byte[] bytes) {
    return named(sha256().digest(bytes));
  }

  /// `sha256:` and a hash in hexadecimal.
  public static String named(byte[] hash) {
    return SHA256 + HexFormat.of().formatHex(hash);
  }
}
