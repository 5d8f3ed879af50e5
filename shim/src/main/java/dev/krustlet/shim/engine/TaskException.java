package dev.krustlet.shim.engine;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// A refusal that containerd reacts to: a code it knows and one sentence that names operation,
/// subject and cause. The sentence is what a user reads in `kubectl describe pod`.
public final class TaskException extends Exception {
  /// The classes of refusal that containerd tells apart; anything else is `UNKNOWN` to it.
  public enum Code {
    INVALID_ARGUMENT,
    NOT_FOUND,
    ALREADY_EXISTS,
    FAILED_PRECONDITION,
    RESOURCE_EXHAUSTED,
    UNIMPLEMENTED,
    UNAVAILABLE,
    UNKNOWN,
  }

  @Serial private static final long serialVersionUID = 1;

  private final Code code;

  public TaskException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public TaskException(Code code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
