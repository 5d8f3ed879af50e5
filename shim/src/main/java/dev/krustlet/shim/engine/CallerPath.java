package dev.krustlet.shim.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The PATH of the containerd that a container came from. Each call of the launcher leaves it in
/// the bundle: a containerd that was upgraded under the daemon may have its programs elsewhere.
public final class CallerPath {
  private static final String CALLER = "daemon"; // of which the second line is the PATH

  private CallerPath() {}

  /// Empty if no launcher has told.
  public static Optional<String> of(Path bundle) throws IOException {
    Path caller = bundle.resolve(CALLER);
    if (!Files.exists(caller)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(caller);
    return lines.size() > 1 ? Optional.of(lines.get(1)) : Optional.empty();
  }
}
