package dev.krustlet.command.image;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// An archive of files that belong to root and are from 1970: equal contents are equal archives.
final class PlainTar implements AutoCloseable {
  private static final int MODE = 0100644;

  private final TarArchiveOutputStream archive;

  PlainTar(OutputStream out) {
    archive = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
    archive.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    archive.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  void file(String name, byte[] content) throws IOException {
    file(name, content.length, out -> out.write(content));
  }

  /// @param content as many bytes as `size` says
  void file(String name, long size, ImageLayout.Content content) throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(size);
    entry.setMode(MODE);
    entry.setModTime(0L);
    entry.setIds(0, 0);
    archive.putArchiveEntry(entry);
    content.writeTo(new EntryOutput(archive));
    archive.closeArchiveEntry();
  }

  @Override
  public void close() throws IOException {
    archive.close();
  }

  /// What is written to it stays open for the next entry.
  private static final class EntryOutput extends FilterOutputStream {
    EntryOutput(TarArchiveOutputStream archive) {
      super(archive);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() {}
  }
}
