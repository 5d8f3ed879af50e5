package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkNamespaceTest {
  private static final String OF_THE_PROCESS =
      "/proc/%d/ns/net".formatted(ProcessHandle.current().pid());

  @TempDir private Path bundles;
  private Path kept;

  /// A link stands for the file that CNI keeps a namespace with.
  @BeforeEach
  void keep() throws IOException {
    kept = Files.createSymbolicLink(bundles.resolve("kept"), Path.of(OF_THE_PROCESS));
  }

  @Test
  void ofAProcessInAPodIsTheFileThatTheSandboxNames() throws IOException, SpecException {
    bundle("pause", kept.toString(), "");
    assertThat(namespace(OF_THE_PROCESS, "pause")).isEqualTo(kept.toString());
  }

  @Test
  void aSandboxWithAnotherNamespaceIsNotBelieved() throws IOException, SpecException {
    bundle("pause", "/proc/self/ns/uts", "");
    assertThat(namespace(OF_THE_PROCESS, "pause")).isEqualTo(OF_THE_PROCESS);
    bundle("pause", "/nowhere", "");
    assertThat(namespace(OF_THE_PROCESS, "pause")).isEqualTo(OF_THE_PROCESS);
  }

  @Test
  void withoutASandboxItIsWhatTheSpecSays() throws IOException, SpecException {
    assertThat(namespace(OF_THE_PROCESS, "")).isEqualTo(OF_THE_PROCESS);
    assertThat(namespace(OF_THE_PROCESS, "gone")).isEqualTo(OF_THE_PROCESS);
    assertThat(namespace("/run/netns/blue", "gone")).isEqualTo("/run/netns/blue");
  }

  private String namespace(String path, String sandbox) throws IOException, SpecException {
    Path bundle = bundle("container", path, sandbox);
    return NetworkNamespace.of(
        new ContainerRequest(
            "container",
            bundle,
            Bundle.load(bundle),
            List.of(),
            new Stdio("", "", "", false),
            RuntimeOptions.DEFAULT));
  }

  private Path bundle(String id, String path, String sandbox) throws IOException {
    Path bundle = Files.createDirectories(bundles.resolve(id));
    Files.writeString(
        bundle.resolve("config.json"),
        """
        {"ociVersion":"1.0.2","annotations":{"io.kubernetes.cri.sandbox-id":"%s"},
         "linux":{"namespaces":[{"type":"network","path":"%s"}]}}
        """
            .formatted(sandbox, path));
    return bundle;
  }
}
