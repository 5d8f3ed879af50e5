package dev.krustlet.shim.engine;

import dev.krustlet.shim.engine.TaskException.Code;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/// Where the container's streams go, as containerd names them: a fifo's path, a `file://` or
/// `binary://` URI, or empty for /dev/null.
public record Stdio(String stdin, String stdout, String stderr, boolean terminal) {
  public static final Stdio NONE = new Stdio("", "", "", false);

  /// The file that containerd means by a stream's target, for an engine that writes to it.
  ///
  /// @return a path; empty for /dev/null
  public static String file(String target) throws TaskException {
    if (target.startsWith("file:")) {
      return fileOf(target);
    }
    if (target.contains("://")) {
      throw new TaskException(
          Code.UNIMPLEMENTED,
          "logging to %s is not supported: krustlet writes to fifos, file:// and binary:// URIs"
              .formatted(target));
    }
    return target;
  }

  private static String fileOf(String target) throws TaskException {
    try {
      var uri = new URI(target);
      if (uri.getHost() == null && uri.getAuthority() == null && uri.getPath() != null) {
        return uri.getPath();
      }
    } catch (URISyntaxException e) {
      throw notAFile(target, e);
    }
    throw notAFile(target, null);
  }

  private static TaskException notAFile(String target, @Nullable Exception cause) {
    return new TaskException(
        Code.INVALID_ARGUMENT,
        "cannot log to %s: it names no file of this node; write file:///PATH".formatted(target),
        cause);
  }
}
