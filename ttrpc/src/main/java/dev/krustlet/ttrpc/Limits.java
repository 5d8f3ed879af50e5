package dev.krustlet.ttrpc;

import java.time.Duration;

/// What one connection may cost its server.
///
/// @param openCalls at a time
/// @param requestBytes held by the requests of open calls
/// @param patience with a peer that reads nothing
record Limits(int openCalls, long requestBytes, Duration patience) {
  static final Limits DEFAULT = new Limits(4096, 64L << 20, FrameWriter.PATIENCE);

  Limits {
    if (openCalls < 1 || requestBytes < 1 || !patience.isPositive()) {
      throw new IllegalArgumentException(
          "limits of %d calls, %d bytes, %s must be positive"
              .formatted(openCalls, requestBytes, patience));
    }
  }

  Limits withOpenCalls(int calls) {
    return new Limits(calls, requestBytes, patience);
  }

  Limits withRequestBytes(long bytes) {
    return new Limits(openCalls, bytes, patience);
  }

  Limits withPatience(Duration duration) {
    return new Limits(openCalls, requestBytes, duration);
  }
}
