package dev.krustlet.shim.engine.logging;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What the target `binary:///PROGRAM?KEY=VALUE&…` of a stream asks for: a program that takes the
/// output.
///
/// @param arguments each key of the query and its value, in turn
/// @param tells whether a byte has to say that it is ready, not only the end of its descriptor
record LogUri(Path program, List<String> arguments, boolean tells) {
  private static final String PLAIN = "binary:";
  private static final String TELLING = "binary-v2:";

  static boolean isMeant(String target) {
    return target.startsWith(PLAIN) || target.startsWith(TELLING);
  }

  static LogUri parse(String target) throws TaskException {
    try {
      var uri = URI.create(target);
      var program = Path.of(Objects.requireNonNullElse(uri.getPath(), ""));
      if (!program.isAbsolute()) {
        throw new IllegalArgumentException("it names no absolute path");
      }
      return new LogUri(program, arguments(uri), target.startsWith(TELLING));
    } catch (IllegalArgumentException e) {
      throw new TaskException(
          Code.INVALID_ARGUMENT, "cannot log to %s: %s".formatted(target, e.getMessage()), e);
    }
  }

  private static List<String> arguments(URI uri) {
    List<String> arguments = new ArrayList<>();
    String query = Objects.requireNonNullElse(uri.getRawQuery(), "");
    for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      arguments.add(URLDecoder.decode(parts[0], StandardCharsets.UTF_8));
      arguments.add(parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return arguments;
  }
}
