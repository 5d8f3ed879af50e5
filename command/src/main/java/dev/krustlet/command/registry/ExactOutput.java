package dev.krustlet.command.registry;

import dev.krustlet.command.registry.RegistryFailure.Kind;
import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.oci.Digests;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/// Takes the bytes of a blob, as many as were announced. What a registry sends may be without end.
final class ExactOutput extends FilterOutputStream {
  private final Descriptor blob;
  private final MessageDigest hash = Digests.sha256();
  private long left;

  ExactOutput(OutputStream out, Descriptor blob) {
    super(out);
    this.blob = blob;
    this.left = blob.size();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    left -= length;
    if (left < 0) {
      throw damaged("it is larger than its %d bytes".formatted(blob.size()));
    }
    hash.update(bytes, offset, length);
    out.write(bytes, offset, length);
  }

  /// Whether as much came as was announced.
  boolean isFull() {
    return left == 0;
  }

  /// Called once, when no more comes.
  void check() throws RegistryFailure {
    if (left > 0) {
      throw damaged("%d bytes of it are missing".formatted(left));
    }
    if (!Digests.named(hash.digest()).equals(blob.digest())) {
      throw damaged("its bytes have another digest");
    }
  }

  private RegistryFailure damaged(String how) {
    return new RegistryFailure(
        Kind.DAMAGED, "blob %s is damaged: %s".formatted(blob.digest(), how));
  }
}
