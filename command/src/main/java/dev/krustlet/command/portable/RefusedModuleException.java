package dev.krustlet.command.portable;

import java.io.Serial;

/// The bytes are nothing that the portable engine runs; the message says why and follows a file's
/// name.
public final class RefusedModuleException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  RefusedModuleException(String why) {
    super(why);
  }

  RefusedModuleException(String why, Exception cause) {
    super(why, cause);
  }
}
