package dev.krustlet.shim.os;

/// A descriptor watched by a [Poller]. Close it before the descriptor.
public interface Registration extends AutoCloseable {
  /// No callback starts after this returns, unless one is on its way already. Idempotent.
  @Override
  void close() throws ErrnoException;
}
