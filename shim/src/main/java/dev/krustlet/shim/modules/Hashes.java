package dev.krustlet.shim.modules;

import dev.krustlet.shim.oci.Digests;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/// SHA-256, in hexadecimal.
final class Hashes {
  private static final int BUFFER = 64 << 10;

  private Hashes() {}

  static String sha256(Path file) throws IOException {
    try (var out = OutputStream.nullOutputStream()) {
      return pass(file, out, Long.MAX_VALUE);
    }
  }

  /// Copies a file of at most that many bytes.
  ///
  /// @return the hash of what was copied
  static String copy(Path from, Path to, long most) throws IOException {
    try (var out = Files.newOutputStream(to)) {
      return pass(from, out, most);
    }
  }

  private static String pass(Path file, OutputStream out, long most) throws IOException {
    MessageDigest digest = Digests.sha256();
    byte[] buffer = new byte[BUFFER];
    long left = most;
    try (var in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        left -= n;
        if (left < 0) {
          throw new IOException("it grew beyond %d bytes".formatted(most));
        }
        digest.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
