package dev.krustlet.shim.engine.runc;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;

/// Where a runtime's own streams go, which a process without a terminal inherits.
record Streams(Redirect in, Redirect out, Redirect err) {
  static final File NULL = new File("/dev/null");
  static final Streams NONE =
      new Streams(Redirect.from(NULL), Redirect.to(NULL), Redirect.to(NULL));

  Streams reading(Redirect other) {
    return new Streams(other, out, err);
  }
}
