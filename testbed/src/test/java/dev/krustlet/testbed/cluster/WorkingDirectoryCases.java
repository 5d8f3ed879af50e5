package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A `workingDir` that the image lacks.
final class WorkingDirectoryCases {
  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  @ParameterizedTest
  @CsvSource({"WASM,false", "WASM,true", "NATIVE,false", "NATIVE,true"})
  void itIsMadeAlsoInARootThatIsReadOnly(Kind kind, boolean readOnly)
      throws IOException, InterruptedException {
    String rest =
        """
        workingDir: /deep/down/here
        securityContext: {readOnlyRootFilesystem: %s}
        """
            .formatted(readOnly);
    own.kubectl().apply(Manifests.once("app", kind.end(0), rest));

    own.kubectl().awaitEnd("app", "Succeeded");
    assertThat(own.kubectl().call("logs", "app")).startsWith("hello from " + kind.lower());
  }

  @ParameterizedTest
  @CsvSource({"WASM", "NATIVE"})
  void itIsMadeOnAVolume(Kind kind) throws IOException, InterruptedException {
    // WASI preview 1 has no working directory: its programs name files from the root
    String out = kind == Kind.WASM ? "/v/made/out" : "out";
    String rest =
        """
        workingDir: /v/made
        volumeMounts: [{name: v, mountPath: /v}, {name: c, mountPath: /c}]
        """;
    own.kubectl().call("create", "configmap", "message", "--from-literal=text=here");
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                """
                restartPolicy: Never
                volumes: [{name: v, emptyDir: {}}, {name: c, configMap: {name: message}}]
                initContainers:
                %scontainers:
                %s
                """
                    .formatted(
                        Manifests.container("write", kind.append("/c/text", out), rest),
                        Manifests.container("read", "[/bin/cat, /v/made/out]", rest))));

    own.kubectl().awaitEnd("app", "Succeeded");
    assertThat(own.kubectl().call("logs", "app", "-c", "read").strip()).isEqualTo("here");
  }
}
