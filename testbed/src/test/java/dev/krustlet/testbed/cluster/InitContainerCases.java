package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Init containers and those that go on beside the others, of both kinds.
final class InitContainerCases {
  private static final String MOUNTS =
      "volumeMounts: [{name: v, mountPath: /v}, {name: c, mountPath: /c}]";

  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  private static String pod(String name, String initContainers, String containers) {
    return Manifests.pod(
        name,
        """
        restartPolicy: Never
        volumes: [{name: v, emptyDir: {}}, {name: c, configMap: {name: message}}]
        initContainers:
        %scontainers:
        %s
        """
            .formatted(initContainers, containers));
  }

  /// Each appends a line to what the one before it has left; the app's container says the first.
  @ParameterizedTest
  @EnumSource
  void theyRunOneAfterTheOtherBeforeTheApp(Kind kind) throws IOException, InterruptedException {
    own.kubectl().call("create", "configmap", "message", "--from-literal=text=first");
    String steps =
        Manifests.container("one", kind.append("/c/text", "/v/one"), MOUNTS)
            + Manifests.container("two", kind.append("/v/one", "/v/two"), MOUNTS);
    own.kubectl()
        .apply(
            pod("app", steps, Manifests.container("app", kind.append("/v/two", "/v/out"), MOUNTS)));

    own.kubectl().awaitEnd("app", "Succeeded");
    assertThat(own.kubectl().call("logs", "app", "-c", "app")).startsWith("read /v/two: first");
  }

  @ParameterizedTest
  @EnumSource
  void oneThatFailsKeepsTheAppFromStarting(Kind kind) throws IOException, InterruptedException {
    own.kubectl().call("create", "configmap", "message", "--from-literal=text=first");
    own.kubectl()
        .apply(
            pod(
                "app",
                Manifests.container("fails", kind.end(3), ""),
                Manifests.container("app", kind.end(0), "")));

    own.kubectl().awaitEnd("app", "Failed");
    String status = ".status.initContainerStatuses[0].state.terminated.exitCode";
    assertThat(own.kubectl().field("pod/app", status)).isEqualTo("3");
    assertThat(own.kubectl().call("logs", "app", "-c", "fails")).contains("hello from");
    assertThat(own.kubectl().field("pod/app", ".status.containerStatuses[0].state.waiting.reason"))
        .isEqualTo("PodInitializing");
  }

  /// It is started before the app's container, outlives it, and does not keep the pod from ending.
  @ParameterizedTest
  @EnumSource
  void aSidecarStartsBeforeTheAppAndEndsAfterIt(Kind kind)
      throws IOException, InterruptedException {
    own.kubectl().call("create", "configmap", "message", "--from-literal=text=first");
    String always = MOUNTS + "\nrestartPolicy: Always";
    Kind other = kind == Kind.WASM ? Kind.NATIVE : Kind.WASM;
    own.kubectl()
        .apply(
            pod(
                "app",
                Manifests.container("beside", kind.idle(), always),
                Manifests.container("app", other.append("/c/text", "/v/out"), MOUNTS)));

    own.kubectl().awaitEnd("app", "Succeeded");
    String beside = ".status.initContainerStatuses[0].state.terminated";
    String app = ".status.containerStatuses[0].state.terminated";
    assertThat(own.kubectl().field("pod/app", beside + ".exitCode")).isEqualTo("143");
    assertThat(own.kubectl().field("pod/app", beside + ".startedAt"))
        .isLessThanOrEqualTo(own.kubectl().field("pod/app", app + ".startedAt"));
    assertThat(own.kubectl().field("pod/app", beside + ".finishedAt"))
        .isGreaterThanOrEqualTo(own.kubectl().field("pod/app", app + ".finishedAt"));
  }

  @ParameterizedTest
  @EnumSource
  void aSidecarThatEndsIsStartedAgain(Kind kind) throws IOException, InterruptedException {
    own.kubectl().call("create", "configmap", "message", "--from-literal=text=first");
    Kind other = kind == Kind.WASM ? Kind.NATIVE : Kind.WASM;
    own.kubectl()
        .apply(
            pod(
                "app",
                Manifests.container("beside", kind.end(5), "restartPolicy: Always"),
                Manifests.container("app", other.idle(), MOUNTS)));

    String restarts = ".status.initContainerStatuses[0].restartCount";
    own.kubectl()
        .until("a restart", () -> own.kubectl().field("pod/app", restarts).matches("[1-9].*"));
    String last = ".status.initContainerStatuses[0].lastState.terminated.exitCode";
    assertThat(own.kubectl().field("pod/app", last)).isEqualTo("5");
  }
}
