package dev.krustlet.ttrpc;

import java.io.Serial;

/// A status other than OK: one that a peer answered, or one to be answered.
public final class TtrpcException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final Code code;

  public TtrpcException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public TtrpcException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
