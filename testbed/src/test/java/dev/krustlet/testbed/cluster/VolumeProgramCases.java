package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.Installation;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Commands that are files of volumes, as Tekton, Argo and injectors of meshes have them.
final class VolumeProgramCases {
  private static final String FILL =
      Kind.shell(
          "busybox cp /bin/busybox /v/busybox; busybox cp /hello.wasm /v/; "
              + "echo '#!/v/busybox sh' >/v/run.sh; echo 'echo ran by script' >>/v/run.sh; "
              + "busybox chmod 755 /v/run.sh");

  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  /// Where the programs lie, as a source in the list of volumes.
  enum Source {
    EMPTY_DIR("emptyDir: {}"),
    HOST_PATH_CLAIM("persistentVolumeClaim: {claimName: programs}");

    private final String volume;

    Source(String volume) {
      this.volume = volume;
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatAnInitContainerLeftOnAVolumeRuns(Source source)
      throws IOException, InterruptedException {
    if (source == Source.HOST_PATH_CLAIM) {
      own.kubectl().apply(claim(own.name(), own.directory()));
    }
    String mount = "volumeMounts: [{name: v, mountPath: /v}]";
    String containers =
        Manifests.container("path", "[/v/busybox, echo, by, path]", mount)
            + Manifests.container("cwd", "[./busybox, echo, by, cwd]", mount + "\nworkingDir: /v")
            + Manifests.container("script", "[/v/run.sh]", mount)
            + Manifests.container("module", "[/v/hello.wasm, from, volume]", mount);
    own.kubectl()
        .apply(
            Manifests.pod(
                "programs",
                """
                restartPolicy: Never
                volumes: [{name: v, %s}]
                initContainers:
                %scontainers:
                %s
                """
                    .formatted(
                        source.volume, Manifests.container("fill", FILL, mount), containers)));

    own.kubectl().awaitEnd("programs", "Succeeded");
    assertThat(own.kubectl().call("logs", "programs", "-c", "path")).isEqualTo("by path\n");
    assertThat(own.kubectl().call("logs", "programs", "-c", "cwd")).isEqualTo("by cwd\n");
    assertThat(own.kubectl().call("logs", "programs", "-c", "script")).isEqualTo("ran by script\n");
    assertThat(own.kubectl().call("logs", "programs", "-c", "module"))
        .startsWith("hello from wasm\narg 0: /v/hello.wasm\narg 1: from\narg 2: volume\n");
  }

  private static String claim(String name, Path directory) {
    return """
    apiVersion: v1
    kind: PersistentVolume
    metadata: {name: %1$s, labels: {case: %1$s}}
    spec:
      capacity: {storage: 1Gi}
      accessModes: [ReadWriteOnce]
      hostPath: {path: %2$s}
      claimRef: {namespace: %1$s, name: programs}
      storageClassName: ""
    ---
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: programs}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}
      storageClassName: ""
      volumeName: %1$s
    """
        .formatted(name, directory);
  }

  /// The module is in the ConfigMap's `binaryData`, the script in its `data`.
  @Test
  void whatAConfigMapHasRuns() throws IOException, InterruptedException {
    makeConfigMap();
    String mount = "volumeMounts: [{name: v, mountPath: /v}]";
    own.kubectl()
        .apply(
            Manifests.pod(
                "programs",
                """
                restartPolicy: Never
                volumes: [{name: v, configMap: {name: programs, defaultMode: 0555}}]
                containers:
                %s%s%s
                """
                    .formatted(
                        Manifests.container("module", "[/v/hello.wasm]", mount),
                        Manifests.container("cwd", "[./hello.wasm]", mount + "\nworkingDir: /v"),
                        Manifests.container("script", "[/v/run.sh]", mount))));

    own.kubectl().awaitEnd("programs", "Succeeded");
    assertThat(own.kubectl().call("logs", "programs", "-c", "module")).startsWith("hello from");
    assertThat(own.kubectl().call("logs", "programs", "-c", "cwd")).startsWith("hello from");
    assertThat(own.kubectl().call("logs", "programs", "-c", "script")).isEqualTo("ran by script\n");
  }

  private void makeConfigMap() throws IOException, InterruptedException {
    Path module = Installation.under(own.node().path()).example("hello");
    own.kubectl()
        .call(
            "create",
            "configmap",
            "programs",
            "--from-file=" + module,
            "--from-literal=run.sh=#!/bin/sh\necho ran by script\n");
    assertThat(own.kubectl().field("configmap/programs", ".binaryData.hello\\.wasm")).isNotEmpty();
  }

  /// The image's `/counter.wasm` would not end, its `/files.wasm` would fail, and its `/foreign` is
  /// a program for another machine.
  @Test
  void aFileThatAMountHidesIsNeverTheOneThatRuns() throws IOException, InterruptedException {
    makeConfigMap();
    String volume = "volumeMounts: [{name: v, mountPath: %s, subPath: %s}]";
    own.kubectl()
        .apply(
            Manifests.pod(
                "hidden",
                """
                restartPolicy: Never
                volumes: [{name: v, configMap: {name: programs, defaultMode: 0555}}, {name: e, emptyDir: {}}]
                containers:
                %s%s%s
                """
                    .formatted(
                        Manifests.container(
                            "module",
                            "[/counter.wasm]",
                            volume.formatted("/counter.wasm", "hello.wasm")),
                        Manifests.container(
                            "script", "[/files.wasm]", volume.formatted("/files.wasm", "run.sh")),
                        Manifests.container(
                            "native", "[/foreign]", volume.formatted("/foreign", "run.sh")))));

    own.kubectl().awaitEnd("hidden", "Succeeded");
    assertThat(own.kubectl().call("logs", "hidden", "-c", "module")).startsWith("hello from");
    assertThat(own.kubectl().call("logs", "hidden", "-c", "script")).isEqualTo("ran by script\n");
    assertThat(own.kubectl().call("logs", "hidden", "-c", "native")).isEqualTo("ran by script\n");
  }

  @Test
  void aProgramOfTheImageBelowAnEmptyMountIsNotFound() throws IOException, InterruptedException {
    String mount = "volumeMounts: [{name: e, mountPath: /bin}]";
    own.kubectl()
        .apply(
            Manifests.pod(
                "hidden",
                """
                restartPolicy: Never
                volumes: [{name: e, emptyDir: {}}]
                containers:
                %s
                """
                    .formatted(Manifests.container("app", "[/bin/cat, /text.txt]", mount))));

    String waiting = ".status.containerStatuses[0].state.terminated";
    own.kubectl().awaitField("pod/hidden", waiting + ".reason", "StartError");
    assertThat(own.kubectl().field("pod/hidden", waiting + ".message"))
        .contains("/bin/cat")
        .contains("no such file or directory");
  }
}
