package dev.krustlet.shim.oci;

import java.io.Serial;

/// A document that cannot be what it says it is; names the document, the field and the fault.
public final class SpecException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  SpecException(String document, String field, String fault, Throwable cause) {
    super("%s: %s: %s".formatted(document, field, fault), cause);
  }

  SpecException(String document, String fault) {
    super("%s: %s".formatted(document, fault));
  }
}
