package dev.krustlet.shim.engine.logging;

import dev.krustlet.shim.engine.Stdio;

/// Where one process writes, from before its creation until its deletion.
public interface Output {
  /// The streams for an engine, which knows fifos and files.
  Stdio stdio();

  /// The process has ended and has written all.
  void letGo();

  /// The process is deleted, or was never made. Idempotent.
  void close();

  /// Streams that an engine serves by itself.
  record Direct(Stdio stdio) implements Output {
    @Override
    public void letGo() {}

    @Override
    public void close() {}
  }
}
