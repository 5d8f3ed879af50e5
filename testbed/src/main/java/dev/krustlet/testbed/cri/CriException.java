package dev.krustlet.testbed.cri;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;

/// A call that containerd refused, or that did not reach it in time.
public final class CriException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  CriException(String call, StatusRuntimeException cause) {
    super(
        "%s: %s: %s"
            .formatted(call, cause.getStatus().getCode(), cause.getStatus().getDescription()),
        cause);
    this.code = cause.getStatus().getCode();
  }

  public Status.Code code() {
    return code;
  }
}
