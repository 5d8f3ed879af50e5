package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.LogFile;
import java.io.IOException;
import java.nio.file.Path;

/// Where a runtime's own streams go, which a process without a terminal inherits.
record Streams(Path in, Path out, Path err) {
  static final Path NULL = Path.of("/dev/null");
  static final Streams NONE = new Streams(NULL, NULL, NULL);

  /// What becomes of open streams.
  @FunctionalInterface
  interface Use {
    int of(Fd in, Fd out, Fd err) throws IOException;
  }

  Streams reading(Path other) {
    return new Streams(other, out, err);
  }

  /// Opens the streams for as long as somebody takes to pass them on.
  int with(Use use) throws IOException {
    try (Fd input = Fd.openTrusted(in);
        Fd output = LogFile.open(out);
        Fd errors = LogFile.open(err)) {
      return use.of(input, output, errors);
    }
  }
}
