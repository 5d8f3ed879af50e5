package dev.krustlet.command.image;

import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.oci.Digests;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorInputStream;

/// A layer of a root: an archive, as it is, gzipped or packed by Zstandard. Its bytes tell which,
/// as for containerd.
final class PackedLayer implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  /// The most that a layer may unpack to.
  private static final long MAX_PLAIN = 16L << 30;

  private final Descriptor layer;
  private final DigestInputStream packed;
  private final InputStream plain;
  private final TarEntries entries;
  private int ordinal = -1;

  private PackedLayer(Descriptor layer, DigestInputStream packed, InputStream plain) {
    this.layer = layer;
    this.packed = packed;
    this.plain = plain;
    this.entries = new TarEntries(plain, "layer " + layer.digest());
  }

  /// @param bytes of the layer; closed with this
  static PackedLayer open(Descriptor layer, InputStream bytes) throws IOException {
    var packed = new DigestInputStream(bytes, Digests.sha256());
    try {
      InputStream plain = unpacked(layer, new BufferedInputStream(packed, BUFFER));
      return new PackedLayer(layer, packed, new Bounded(plain, layer));
    } catch (IOException | RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  private static InputStream unpacked(Descriptor layer, BufferedInputStream in) throws IOException {
    in.mark(BUFFER);
    byte[] magic = in.readNBytes(4);
    in.reset();
    try {
      if (magic.length == 4 && magic[0] == 0x1f && magic[1] == (byte) 0x8b) {
        return GzipCompressorInputStream.builder()
            .setInputStream(in)
            .setDecompressConcatenated(true)
            .get();
      }
      boolean zstd =
          magic.length == 4 && magic[0] == 0x28 && magic[1] == (byte) 0xb5 && magic[2] == 0x2f;
      return zstd ? new BufferedInputStream(new ZstdCompressorInputStream(in), BUFFER) : in;
    } catch (IOException e) {
      throw new LayoutException(
          "layer %s cannot be unpacked: %s".formatted(layer.digest(), e.getMessage()));
    }
  }

  Optional<TarArchiveEntry> next() throws IOException {
    ordinal++;
    return entries.next();
  }

  /// Which of its entries the last one is.
  int ordinal() {
    return ordinal;
  }

  InputStream content() {
    return entries.content();
  }

  /// The bytes of the last entry, with which the layer is closed.
  InputStream contentAlone() {
    return new FilterInputStream(entries.content()) {
      @Override
      public void close() throws IOException {
        PackedLayer.this.close();
      }
    };
  }

  /// Reads what is left, and makes sure that all was what the digest says.
  void check() throws IOException {
    plain.transferTo(OutputStream.nullOutputStream());
    packed.transferTo(OutputStream.nullOutputStream());
    if (!Digests.named(packed.getMessageDigest().digest()).equals(layer.digest())) {
      throw new LayoutException(
          "layer %s is damaged: its bytes have another digest".formatted(layer.digest()));
    }
  }

  @Override
  public void close() throws IOException {
    try (packed;
        plain) {
      entries.close();
    }
  }

  /// What a few bytes unpack to may be without end.
  private static final class Bounded extends FilterInputStream {
    private final Descriptor layer;
    private long left = MAX_PLAIN;

    Bounded(InputStream in, Descriptor layer) {
      super(in);
      this.layer = layer;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      left -= Math.max(read, 0);
      if (left < 0) {
        throw new LayoutException(
            "layer %s unpacks to more than %d bytes".formatted(layer.digest(), MAX_PLAIN));
      }
      return read;
    }

    @Override
    public long skip(long n) throws IOException {
      long skipped = super.skip(n);
      left -= skipped;
      return skipped;
    }
  }
}
