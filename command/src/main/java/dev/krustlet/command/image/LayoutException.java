package dev.krustlet.command.image;

import java.io.IOException;
import java.io.Serial;

/// An image is not what it should be: one sentence that names what.
public final class LayoutException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  public LayoutException(String sentence) {
    super(sentence);
  }
}
