package dev.krustlet.command.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/// The entries of an archive that somebody else made, one after the other, with bounds on how many
/// there are and on how much stands between two of them: names may be as long as an archive says.
final class TarEntries implements AutoCloseable {
  private static final int MAX_ENTRIES = 1_000_000;
  private static final int MAX_HEADERS = 4 << 20;

  private final Counted in;
  private final TarArchiveInputStream archive;
  private final String name;
  private int count;

  /// @param name of the archive, for messages
  TarEntries(InputStream in, String name) {
    this.in = new Counted(in);
    this.archive = new TarArchiveInputStream(this.in, StandardCharsets.UTF_8.name());
    this.name = name;
  }

  /// The next one; empty at the end.
  Optional<TarArchiveEntry> next() throws IOException {
    try {
      if (count > 0) {
        archive.transferTo(OutputStream.nullOutputStream()); // what is left of the last one
      }
      in.end = in.position + MAX_HEADERS;
      return counted(archive.getNextEntry());
    } catch (LayoutException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new LayoutException("%s is no whole tar archive: %s".formatted(name, e.getMessage()));
    } finally {
      in.end = Long.MAX_VALUE;
    }
  }

  /// A sparse file takes no room in the archive, however large it says it is.
  private Optional<TarArchiveEntry> counted(@Nullable TarArchiveEntry entry)
      throws LayoutException {
    if (entry == null) {
      return Optional.empty();
    }
    if (++count > MAX_ENTRIES) {
      throw new LayoutException("%s has more than %d files".formatted(name, MAX_ENTRIES));
    }
    if (entry.isSparse()) {
      throw new LayoutException("%s has a sparse file, %s".formatted(name, entry.getName()));
    }
    return Optional.of(entry);
  }

  /// The bytes of the entry that came last.
  InputStream content() {
    return archive;
  }

  /// Where in the archive they begin.
  long position() {
    return in.position;
  }

  @Override
  public void close() throws IOException {
    archive.close();
  }

  /// Bytes, not beyond an end.
  private static final class Counted extends FilterInputStream {
    private long position;
    private long end = Long.MAX_VALUE;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      advance(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      advance(Math.max(read, 0));
      return read;
    }

    @Override
    public long skip(long n) throws IOException {
      long skipped = super.skip(n);
      advance(skipped);
      return skipped;
    }

    private void advance(long bytes) throws IOException {
      position += bytes;
      if (position > end) {
        throw new IOException("a header of it is too long");
      }
    }
  }
}
