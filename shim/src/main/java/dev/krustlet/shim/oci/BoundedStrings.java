package dev.krustlet.shim.oci;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/// JSON that is refused while it is read when one of its strings is longer than any that is meant:
/// before the string is in memory.
final class BoundedStrings extends FilterReader {
  /// A pod's annotations may have 256 KiB together.
  static final int MAX = 512 << 10;

  private static final int UNICODE_DIGITS = 4;

  private boolean inString;
  private boolean escaped;
  private int skipped;
  private int length;

  BoundedStrings(Reader in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    int c = super.read();
    if (c >= 0) {
      see((char) c);
    }
    return c;
  }

  @Override
  public int read(char[] buffer, int offset, int count) throws IOException {
    int got = super.read(buffer, offset, count);
    for (int i = offset; i < offset + got; i++) {
      see(buffer[i]);
    }
    return got;
  }

  private void see(char c) throws IOException {
    if (skipped > 0) {
      skipped--;
    } else if (escaped) {
      escaped = false;
      skipped = c == 'u' ? UNICODE_DIGITS : 0;
      count();
    } else if (inString && c == '\\') {
      escaped = true;
    } else if (c == '"') {
      inString = !inString;
      length = 0;
    } else if (inString) {
      count();
    }
  }

  private void count() throws IOException {
    if (++length > MAX) {
      throw new IOException("a string is longer than %d characters".formatted(MAX));
    }
  }
}
