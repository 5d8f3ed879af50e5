package dev.krustlet.shim.oci;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The log that an OCI runtime keeps with `--log-format json`: one object a line.
public final class RuntimeLog {
  private record Line(@Nullable String level, @Nullable String msg) {}

  private static final Gson GSON = new Gson();
  private static final int MAX_BYTES = 1 << 20;

  private RuntimeLog() {}

  /// The message of its last error, which is the reason why the runtime failed.
  public static Optional<String> lastError(Path log) throws IOException {
    try (var in = Files.newInputStream(log)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8)
          .lines()
          .map(RuntimeLog::error)
          .flatMap(Optional::stream)
          .reduce((_, later) -> later);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private static Optional<String> error(String text) {
    try {
      Line line = GSON.fromJson(text, Line.class);
      return line != null && "error".equals(line.level())
          ? Optional.ofNullable(line.msg())
          : Optional.empty();
    } catch (JsonParseException _) {
      return Optional.empty(); // half a line of a runtime that was killed
    }
  }
}
