package dev.krustlet.command.registry;

/// Told how far a transfer has come.
public interface Progress {
  /// @param bytes how many more have been sent or received
  void advance(long bytes);
}
