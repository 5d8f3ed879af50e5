package dev.krustlet.testbed.api;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/// A call that containerd or the runtime behind it refused, or that did not reach it.
public final class CallException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  CallException(String call, StatusRuntimeException cause) {
    super("%s: %s".formatted(call, cause.getMessage()), cause);
    this.code = cause.getStatus().getCode();
  }

  public Status.Code code() {
    return code;
  }
}
