package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a container leaves to be read in its pod's status.
final class TerminationMessageCases {
  private static final String MESSAGE = ".status.containerStatuses[0].state.terminated.message";

  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  @ParameterizedTest
  @EnumSource
  void itIsWhatTheContainerWroteToItsFile(Kind kind) throws IOException, InterruptedException {
    own.kubectl().call("create", "configmap", "message", "--from-literal=text=last words");
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                """
                restartPolicy: Never
                volumes: [{name: c, configMap: {name: message}}]
                containers:
                %s
                """
                    .formatted(
                        Manifests.container(
                            "app",
                            appendText(kind),
                            """
                            terminationMessagePath: /dev/last
                            volumeMounts: [{name: c, mountPath: /c}]
                            """))));

    own.kubectl().awaitEnd("app", "Succeeded");
    assertThat(own.kubectl().field("pod/app", MESSAGE)).isEqualTo("last words\n");
  }

  private static String appendText(Kind kind) {
    return kind == Kind.WASM
        ? kind.append("/c/text", "/dev/last")
        : Kind.shell("busybox cat /c/text >/dev/last; echo >>/dev/last");
  }

  @ParameterizedTest
  @EnumSource
  void orTheEndOfTheLogOfOneThatFailed(Kind kind) throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            Manifests.once("app", kind.end(7), "terminationMessagePolicy: FallbackToLogsOnError"));

    own.kubectl().awaitEnd("app", "Failed");
    assertThat(own.kubectl().field("pod/app", MESSAGE)).contains("hello from " + kind.lower());
    assertThat(own.kubectl().field("pod/app", MESSAGE.replace("message", "exitCode")))
        .isEqualTo("7");
  }

  @Test
  void aTrapLeavesItsBacktrace() throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            Manifests.once(
                "app", "[/trap.wat]", "terminationMessagePolicy: FallbackToLogsOnError"));

    own.kubectl().awaitEnd("app", "Failed");
    assertThat(own.kubectl().field("pod/app", MESSAGE)).contains("unreachable");
    assertThat(own.kubectl().field("pod/app", MESSAGE.replace("message", "exitCode")))
        .isEqualTo("134");
  }

  @Test
  void aGuestBeyondItsMemoryIsKilledForIt() throws IOException, InterruptedException {
    own.kubectl()
        .apply(Manifests.once("app", "[/grow.wat]", "resources: {limits: {memory: 16Mi}}"));

    own.kubectl().awaitEnd("app", "Failed");
    assertThat(own.kubectl().field("pod/app", MESSAGE.replace("message", "reason")))
        .isEqualTo("OOMKilled");
  }
}
