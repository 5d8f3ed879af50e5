package dev.krustlet.shim.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.krustlet.proto.runc.v1.CheckpointOptions;
import dev.krustlet.proto.task.v2.CheckpointTaskRequest;
import dev.krustlet.proto.task.v2.ExecProcessRequest;
import dev.krustlet.proto.task.v2.UpdateTaskRequest;
import dev.krustlet.shim.engine.CheckpointRequest;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.Process;
import dev.krustlet.shim.oci.Resources;
import dev.krustlet.shim.oci.SpecException;
import java.nio.file.Path;

/// Reads what containerd sends along with Exec, Update and Checkpoint. Parts of a spec come as
/// their JSON in an Any whose type is named after the spec's Go type.
final class Requests {
  private static final String CHECKPOINT_OPTIONS = "containerd.runc.v1.CheckpointOptions";

  /// What reads a part of a spec.
  private interface Reader<T> {
    Document<T> read(String json) throws SpecException;
  }

  private Requests() {}

  static ExecRequest exec(ExecProcessRequest q) throws TaskException {
    Document<Process> process =
        document(
            "exec " + q.getExecId(),
            q.getSpec(),
            "Process",
            json -> Bundle.parseProcess(json, q.getTerminal()));
    var stdio = new Stdio(q.getStdin(), q.getStdout(), q.getStderr(), q.getTerminal());
    return new ExecRequest(q.getExecId(), process, stdio);
  }

  static Document<Resources> resources(UpdateTaskRequest q) throws TaskException {
    return document(
        "update",
        q.getResources(),
        "LinuxResources",
        json -> new Document<>(Bundle.parseResources(json), json));
  }

  static CheckpointRequest checkpoint(CheckpointTaskRequest q) throws TaskException {
    CheckpointOptions options = checkpointOptions(q.getOptions());
    String images = options.getImagePath().isEmpty() ? q.getPath() : options.getImagePath();
    return new CheckpointRequest(
        Path.of(images),
        options.getWorkPath(),
        options.getExit(),
        options.getOpenTcp(),
        options.getExternalUnixSockets(),
        options.getTerminal(),
        options.getFileLocks(),
        options.getEmptyNamespacesList(),
        options.getCgroupsMode());
  }

  private static CheckpointOptions checkpointOptions(Any any) throws TaskException {
    try {
      return switch (any.getTypeUrl()) {
        case "" -> CheckpointOptions.getDefaultInstance();
        case CHECKPOINT_OPTIONS -> CheckpointOptions.parseFrom(any.getValue());
        default ->
            throw new TaskException(
                Code.INVALID_ARGUMENT,
                "checkpoint: options of type %s are not understood; known is %s"
                    .formatted(any.getTypeUrl(), CHECKPOINT_OPTIONS));
      };
    } catch (InvalidProtocolBufferException e) {
      throw new TaskException(
          Code.INVALID_ARGUMENT, "checkpoint: its options are damaged: " + e.getMessage(), e);
    }
  }

  private static <T> Document<T> document(String subject, Any any, String type, Reader<T> reader)
      throws TaskException {
    if (!any.getTypeUrl().endsWith("/" + type)) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "%s: wants a document of type %s, not '%s'".formatted(subject, type, any.getTypeUrl()));
    }
    try {
      return reader.read(any.getValue().toStringUtf8());
    } catch (SpecException e) {
      throw new TaskException(
          Code.INVALID_ARGUMENT, "%s: %s".formatted(subject, e.getMessage()), e);
    }
  }
}
