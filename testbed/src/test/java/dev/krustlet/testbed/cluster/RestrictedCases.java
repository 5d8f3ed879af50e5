package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Pods of a namespace that Pod Security Admission restricts.
final class RestrictedCases {
  private static final String RESTRICTED =
      "securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 1000, "
          + "readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}, "
          + "seccompProfile: {type: RuntimeDefault}}";

  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  @BeforeEach
  void restrict() throws IOException, InterruptedException {
    String label = "pod-security.kubernetes.io/enforce=restricted";
    own.kubectl().call("label", "namespace", own.name(), label);
  }

  @ParameterizedTest
  @EnumSource
  void aContainerOfAUserRuns(Kind kind) throws IOException, InterruptedException {
    own.kubectl().apply(Manifests.once("app", kind.end(0), RESTRICTED));

    own.kubectl().awaitEnd("app", "Succeeded");
    assertThat(own.kubectl().call("logs", "app")).contains("hello from " + kind.lower());
  }

  /// A mode of 0600 is what keeps the user from the image's file.
  @ParameterizedTest
  @EnumSource
  void itReadsNothingOfRoot(Kind kind) throws IOException, InterruptedException {
    own.kubectl().apply(Manifests.once("app", kind.append("/secret", "/dev/null"), RESTRICTED));

    own.kubectl().awaitEnd("app", "Failed");
    assertThat(own.kubectl().call("logs", "app")).containsIgnoringCase("permission denied");
  }

  @Test
  void aPodThatAsksForMoreIsRefused() {
    assertThatThrownBy(() -> own.kubectl().apply(Manifests.once("app", Kind.WASM.end(0), "")))
        .hasMessageContaining("violates PodSecurity \"restricted:latest\"");
  }
}
