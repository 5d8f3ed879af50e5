package dev.krustlet.shim.engine.wasm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Lines of a process that guests may have taken over: a line costs a bounded amount of memory, and
/// what goes beyond is left out.
///
/// @param in buffered
/// @param max bytes of a line that are kept
record BoundedLines(InputStream in, int max) {
  private static final String CUT = "…";

  /// The next line without its end; empty at the end of the stream.
  Optional<String> next() throws IOException {
    var kept = new ByteArrayOutputStream();
    boolean cut = false;
    int read = in.read();
    if (read < 0) {
      return Optional.empty();
    }
    for (; read >= 0 && read != '\n'; read = in.read()) {
      if (kept.size() < max) {
        kept.write(read);
      } else {
        cut = true;
      }
    }
    return Optional.of(kept.toString(StandardCharsets.UTF_8) + (cut ? CUT : ""));
  }
}
