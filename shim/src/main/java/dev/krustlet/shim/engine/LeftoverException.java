package dev.krustlet.shim.engine;

import java.io.Serial;
import java.util.Objects;
import java.util.stream.Stream;

/// Something of a container could not be cleaned away. Suppressed in the problem that made the
/// cleaning necessary, it tells whoever called that not everything is undone.
public final class LeftoverException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private LeftoverException(Exception cause) {
    super(cause.getMessage(), cause);
  }

  /// Notes in a problem what stood in the way of cleaning up after it.
  public static void note(Throwable problem, Exception obstacle) {
    problem.addSuppressed(new LeftoverException(obstacle));
  }

  /// Whether a problem, or one that caused it, left something behind.
  public static boolean isIn(Throwable problem) {
    return Stream.iterate(problem, Objects::nonNull, Throwable::getCause)
        .flatMap(each -> Stream.of(each.getSuppressed()))
        .anyMatch(LeftoverException.class::isInstance);
  }
}
