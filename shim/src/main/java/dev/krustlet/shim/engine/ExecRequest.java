package dev.krustlet.shim.engine;

import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Process;
import java.util.Optional;

/// What containerd's Exec asks for: one more process in a container.
///
/// @param id the exec's id, unique in its container and fit for a file's name
/// @param program what is to run, once somebody has looked; only guests want to know before
public record ExecRequest(
    String id, Document<Process> process, Stdio stdio, Optional<Program> program) {
  public ExecRequest(String id, Document<Process> process, Stdio stdio) {
    this(id, process, stdio, Optional.empty());
  }

  public ExecRequest running(Program found) {
    return new ExecRequest(id, process, stdio, Optional.of(found));
  }

  public ExecRequest writing(Stdio elsewhere) {
    return new ExecRequest(id, process, elsewhere, program);
  }
}
