package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkNamespaceTest {
  @TempDir private Path bundles;
  private @Nullable Process inPod;
  private String ofTheProcess = "";
  private Path kept = Path.of("");

  /// A link stands for the file that CNI keeps a namespace with.
  @BeforeEach
  void keep() throws IOException {
    assumeTrue(Processes.uid() == 0, "making namespaces wants root");
    var process =
        new ProcessBuilder("unshare", "--net", "sh", "-c", "echo ready; exec cat").start();
    inPod = process;
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    ofTheProcess = "/proc/%d/ns/net".formatted(process.pid());
    kept = Files.createSymbolicLink(bundles.resolve("kept"), Path.of(ofTheProcess));
  }

  @AfterEach
  void endProcess() {
    if (inPod != null) {
      inPod.destroyForcibly();
    }
  }

  @Test
  void theNodesOwnIsNone() throws IOException, SpecException {
    String ours = "/proc/%d/ns/net".formatted(ProcessHandle.current().pid());
    assertThat(namespace(ours, "pause")).isEmpty();
  }

  @Test
  void ofAProcessInAPodIsTheFileThatTheSandboxNames() throws IOException, SpecException {
    bundle("pause", kept.toString(), "");
    assertThat(namespace(ofTheProcess, "pause")).isEqualTo(kept.toString());
  }

  @Test
  void aSandboxWithAnotherNamespaceIsNotBelieved() throws IOException, SpecException {
    bundle("pause", "/proc/self/ns/uts", "");
    assertThat(namespace(ofTheProcess, "pause")).isEqualTo(ofTheProcess);
    bundle("pause", "/nowhere", "");
    assertThat(namespace(ofTheProcess, "pause")).isEqualTo(ofTheProcess);
  }

  @Test
  void withoutASandboxItIsWhatTheSpecSays() throws IOException, SpecException {
    assertThat(namespace(ofTheProcess, "")).isEqualTo(ofTheProcess);
    assertThat(namespace(ofTheProcess, "gone")).isEqualTo(ofTheProcess);
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
