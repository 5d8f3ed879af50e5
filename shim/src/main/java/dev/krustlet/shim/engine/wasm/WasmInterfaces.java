package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.Interfaces;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import java.util.List;
import java.util.stream.Stream;

/// What the annotations of a container's spec say stands behind the interfaces of its guests.
final class WasmInterfaces {
  /// Directories of the container whose files are values of `wasi:config`, with commas between.
  static final String CONFIG_DIRS = "krustlet.dev/config-dirs";

  /// A Redis for `wasi:keyvalue`; the engine reads it, and refuses what it cannot.
  static final String KEYVALUE = "krustlet.dev/keyvalue";

  private WasmInterfaces() {}

  static Interfaces of(ContainerRequest request) throws TaskException {
    String directories = request.spec().annotations().getOrDefault(CONFIG_DIRS, "");
    List<String> paths =
        Stream.of(directories.split(",")).map(String::strip).filter(p -> !p.isEmpty()).toList();
    for (String path : paths) {
      if (!path.startsWith("/")) {
        throw new TaskException(
            Code.INVALID_ARGUMENT,
            "container %s: annotation %s: '%s' does not begin with /"
                .formatted(request.id(), CONFIG_DIRS, path));
      }
    }
    return Interfaces.newBuilder()
        .addAllConfigDirectories(paths)
        .setKeyvalueAddress(request.spec().annotations().getOrDefault(KEYVALUE, "").strip())
        .build();
  }
}
