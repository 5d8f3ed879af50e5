package dev.krustlet.command.registry;

import java.io.IOException;
import java.io.Serial;

/// A registry cannot do or does not do what it was asked: a sentence with the next step.
public final class RegistryFailure extends IOException {
  @Serial private static final long serialVersionUID = 1;

  private final Kind kind;

  /// Whose turn it is.
  public enum Kind {
    /// Nobody answers there, or not in a way that we trust.
    UNREACHABLE,
    /// The registry wants to know who asks, or does not let them.
    DENIED,
    /// The registry has no such thing.
    ABSENT,
    /// What came is not what was asked for.
    DAMAGED,
    /// The registry gave an error of its own.
    REFUSED
  }

  RegistryFailure(Kind kind, String sentence, Throwable cause) {
    super(sentence, cause);
    this.kind = kind;
  }

  RegistryFailure(Kind kind, String sentence) {
    super(sentence);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
