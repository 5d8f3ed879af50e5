package dev.krustlet.ttrpc;

/// The status codes of google.rpc, which TTRPC answers with.
public enum Code {
  OK(0),
  CANCELLED(1),
  UNKNOWN(2),
  INVALID_ARGUMENT(3),
  DEADLINE_EXCEEDED(4),
  NOT_FOUND(5),
  ALREADY_EXISTS(6),
  PERMISSION_DENIED(7),
  RESOURCE_EXHAUSTED(8),
  FAILED_PRECONDITION(9),
  ABORTED(10),
  OUT_OF_RANGE(11),
  UNIMPLEMENTED(12),
  INTERNAL(13),
  UNAVAILABLE(14),
  DATA_LOSS(15),
  UNAUTHENTICATED(16);

  private static final Code[] ALL = values();

  private final int number;

  Code(int number) {
    this.number = number;
  }

  /// The number on the wire.
  public int number() {
    return number;
  }

  /// The code of that number; one that nobody has defined is `UNKNOWN`.
  public static Code of(int number) {
    for (Code code : ALL) {
      if (code.number == number) {
        return code;
      }
    }
    return UNKNOWN;
  }
}
