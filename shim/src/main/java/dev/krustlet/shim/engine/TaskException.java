package dev.krustlet.shim.engine;

import java.io.Serial;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A refusal that containerd reacts to: a code it knows and one sentence that names operation,
/// subject and cause. The sentence is what a user reads in `kubectl describe pod`.
public final class TaskException extends Exception {
  /// The classes of refusal that containerd tells apart; anything else is `UNKNOWN` to it.
  public enum Code {
    INVALID_ARGUMENT(3),
    NOT_FOUND(5),
    ALREADY_EXISTS(6),
    FAILED_PRECONDITION(9),
    RESOURCE_EXHAUSTED(8),
    UNIMPLEMENTED(12),
    UNAVAILABLE(14),
    UNKNOWN(2);

    private final int number;

    Code(int number) {
      this.number = number;
    }

    /// The number that it has in gRPC and TTRPC.
    public int number() {
      return number;
    }

    /// The class of a code that somebody else answered.
    public static Code of(int number) {
      return Stream.of(values()).filter(code -> code.number == number).findFirst().orElse(UNKNOWN);
    }
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
