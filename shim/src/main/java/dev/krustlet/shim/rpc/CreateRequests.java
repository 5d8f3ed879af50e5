package dev.krustlet.shim.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.krustlet.proto.runc.v1.Options;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.SpecException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Reads containerd's Create: its bundle and its options.
final class CreateRequests {
  private static final String RUNTIME_OPTIONS = "runtimeoptions.v1.Options";
  private static final String RUNC_OPTIONS = "containerd.runc.v1.Options";
  private static final int MAX_OPTIONS_FILE = 1 << 20;

  private CreateRequests() {}

  static ContainerRequest read(CreateTaskRequest wire) throws TaskException {
    if (!wire.getCheckpoint().isEmpty()) {
      throw new TaskException(Code.UNIMPLEMENTED, "restoring a checkpoint is not supported");
    }
    try {
      Path bundle = bundle(wire);
      return new ContainerRequest(
          wire.getId(),
          bundle,
          Bundle.load(bundle),
          wire.getRootfsList().stream().map(Wire::mount).toList(),
          new Stdio(wire.getStdin(), wire.getStdout(), wire.getStderr(), wire.getTerminal()),
          wire.hasOptions() ? options(wire.getOptions()) : RuntimeOptions.DEFAULT);
    } catch (IOException | SpecException | InvalidPathException e) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "cannot create container %s: %s".formatted(wire.getId(), e.getMessage()),
          e);
    }
  }

  private static Path bundle(CreateTaskRequest wire) throws TaskException {
    Path bundle = Path.of(wire.getBundle());
    if (wire.getId().isEmpty() || !bundle.isAbsolute() || !Files.isDirectory(bundle)) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "cannot create container '%s': its bundle '%s' is no directory"
              .formatted(wire.getId(), bundle));
    }
    return bundle;
  }

  private static RuntimeOptions options(Any options)
      throws TaskException, IOException, SpecException {
    return switch (options.getTypeUrl()) {
      case "" -> RuntimeOptions.DEFAULT;
      case RUNTIME_OPTIONS ->
          table(dev.krustlet.proto.runtimeoptions.v1.Options.parseFrom(options.getValue()));
      case RUNC_OPTIONS -> runc(options);
      default ->
          throw new TaskException(
              Code.INVALID_ARGUMENT,
              "options of type %s are not understood; known are %s and %s"
                  .formatted(options.getTypeUrl(), RUNTIME_OPTIONS, RUNC_OPTIONS));
    };
  }

  /// The address and version of the task API are for containerd itself.
  private static RuntimeOptions runc(Any options)
      throws InvalidProtocolBufferException, SpecException {
    Options parsed = Options.parseFrom(options.getValue());
    RuntimeOptions.refuse("ShimCgroup", parsed.getShimCgroup());
    RuntimeOptions.refuse("CriuImagePath", parsed.getCriuImagePath());
    RuntimeOptions.refuse("CriuWorkPath", parsed.getCriuWorkPath());
    return new RuntimeOptions(
        parsed.getSystemdCgroup(),
        parsed.getBinaryName(),
        parsed.getRoot(),
        parsed.getNoPivotRoot(),
        parsed.getNoNewKeyring(),
        parsed.getIoUid(),
        parsed.getIoGid());
  }

  /// containerd 1.7 and later pass the table itself, 1.6 at most the name of a file.
  private static RuntimeOptions table(dev.krustlet.proto.runtimeoptions.v1.Options options)
      throws IOException, SpecException {
    if (!options.getConfigBody().isEmpty()) {
      return RuntimeOptions.fromToml(options.getConfigBody().toStringUtf8());
    }
    if (options.getConfigPath().isEmpty()) {
      return RuntimeOptions.DEFAULT;
    }
    try (var in = Files.newInputStream(Path.of(options.getConfigPath()))) {
      return RuntimeOptions.fromToml(
          new String(in.readNBytes(MAX_OPTIONS_FILE), StandardCharsets.UTF_8));
    }
  }
}
