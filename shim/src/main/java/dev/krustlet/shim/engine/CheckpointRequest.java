package dev.krustlet.shim.engine;

import java.nio.file.Path;
import java.util.List;

/// What containerd's Checkpoint asks for: the container's state, written to files.
///
/// @param images the directory to write to
/// @param work criu's directory for logs; the image directory if empty
/// @param exit whether the container ends with it
/// @param emptyNamespaces types of namespaces that are restored empty
/// @param cgroupsMode how criu treats cgroups; empty is its default
public record CheckpointRequest(
    Path images,
    String work,
    boolean exit,
    boolean openTcp,
    boolean externalUnixSockets,
    boolean terminal,
    boolean fileLocks,
    List<String> emptyNamespaces,
    String cgroupsMode) {
  public CheckpointRequest {
    emptyNamespaces = List.copyOf(emptyNamespaces);
  }
}
