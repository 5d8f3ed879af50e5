package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.krustlet.testbed.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What the kubelet does after the start of containers and before their end.
final class HookCases {
  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  /// A pod whose hooks leave files in a directory of the node.
  private void applyHooked(Path directory, Kind kind, String lifecycle)
      throws IOException, InterruptedException {
    Files.writeString(directory.resolve("message"), "called\n");
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                """
                volumes: [{name: h, hostPath: {path: %s}}]
                containers:
                %s
                """
                    .formatted(
                        directory,
                        Manifests.container(
                            "app",
                            kind.idle(),
                            "volumeMounts: [{name: h, mountPath: /h}]\nlifecycle: " + lifecycle))));
  }

  @ParameterizedTest
  @EnumSource
  void programsRunAfterTheStartAndBeforeTheEnd(Kind kind) throws IOException, InterruptedException {
    Path directory = own.directory();
    applyHooked(
        directory,
        kind,
        "{postStart: {exec: {command: %s}}, preStop: {exec: {command: %s}}}"
            .formatted(
                kind.append("/h/message", "/h/begun"), kind.append("/h/message", "/h/over")));
    own.kubectl().awaitReady("app");
    assertThat(directory.resolve("begun")).hasContent("called");
    assertThat(directory.resolve("over")).doesNotExist();

    own.kubectl().call("delete", "pod", "app", "--timeout=60s");
    assertThat(directory.resolve("over")).hasContent("called");
  }

  @ParameterizedTest
  @EnumSource
  void aPostStartThatFailsEndsTheContainer(Kind kind) throws IOException, InterruptedException {
    String hook = "lifecycle: {postStart: {exec: {command: %s}}}".formatted(kind.end(9));
    own.kubectl().apply(Manifests.server("app", kind.idle(), hook));

    String restarts = ".status.containerStatuses[0].restartCount";
    own.kubectl()
        .until("a restart", () -> own.kubectl().field("pod/app", restarts).matches("[1-9].*"));
    assertThat(own.kubectl().call("describe", "pod", "app"))
        .contains("FailedPostStartHook")
        .contains("9");
  }

  @ParameterizedTest
  @EnumSource
  void theNodeAsksAnotherPodBeforeTheEnd(Kind kind) throws IOException, InterruptedException {
    own.kubectl()
        .apply(Manifests.server("web", Kind.WASM.web(), "env: [{name: VERBOSE, value: x}]"));
    own.kubectl().awaitReady("web");
    String web = own.kubectl().field("pod/web", ".status.podIP");
    String get = "{httpGet: {host: %s, port: 8080, path: %s}}";
    own.kubectl()
        .apply(
            Manifests.server(
                "app",
                kind.idle(),
                "lifecycle: {postStart: %s, preStop: %s}"
                    .formatted(get.formatted(web, "/instance"), get.formatted(web, "/"))));
    own.kubectl().awaitReady("app");
    assertThat(own.kubectl().call("logs", "web")).isEqualTo("Method::Get /instance\n");

    own.kubectl().call("delete", "pod", "app", "--timeout=60s");
    assertThat(own.kubectl().call("logs", "web"))
        .isEqualTo("Method::Get /instance\nMethod::Get /\n");
  }

  @ParameterizedTest
  @EnumSource
  void aSleepKeepsTheContainerGoing(Kind kind) throws IOException, InterruptedException {
    own.kubectl()
        .apply(Manifests.server("app", kind.idle(), "lifecycle: {preStop: {sleep: {seconds: 4}}}"));
    own.kubectl().awaitReady("app");

    try (Command log = own.kubectl().start("logs", "--follow", "app")) {
      own.kubectl().until("a line", () -> !log.out().isEmpty());
      long before = log.out().lines().count();
      Instant asked = Instant.now();
      own.kubectl().call("delete", "pod", "app", "--timeout=60s");
      assertThat(Duration.between(asked, Instant.now())).isGreaterThan(Duration.ofSeconds(4));
      // a line a second
      assertThat(log.await(Kubectl.SOON).out().lines().count()).isGreaterThan(before + 1);
    }
  }

  /// A wasm guest has no handlers of signals: its status says which one came.
  @ParameterizedTest
  @CsvSource({"WASM,138", "NATIVE,7"})
  void thePodNamesTheSignalThatEndsIt(Kind kind, int status)
      throws IOException, InterruptedException {
    assumeThat(own.kubectl().call("get", "--raw", "/metrics"))
        .containsPattern("kubernetes_feature_enabled\\{name=\"ContainerStopSignals\".*} 1");
    String command =
        kind == Kind.WASM
            ? kind.idle()
            : Kind.shell("trap 'exit 7' USR1; while :; do busybox sleep 1 & wait; done");
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                "os: {name: linux}\nrestartPolicy: Never\ncontainers:\n"
                    + Manifests.container("app", command, "lifecycle: {stopSignal: SIGUSR1}")
                    + Manifests.container("keeper", Kind.NATIVE.idle(), "")));
    own.kubectl().awaitReady("app");
    assertThat(own.kubectl().field("pod/app", ".status.containerStatuses[0].stopSignal"))
        .isEqualTo("SIGUSR1");

    endKeepingThePod();
    String exit = ".status.containerStatuses[0].state.terminated.exitCode";
    own.kubectl().awaitField("pod/app", exit, Integer.toString(status));
  }

  /// A deadline ends the containers as a deletion does, and leaves their states to be read.
  private void endKeepingThePod() throws IOException, InterruptedException {
    own.kubectl().call("patch", "pod", "app", "-p", "{\"spec\":{\"activeDeadlineSeconds\":1}}");
    own.kubectl().awaitEnd("app", "Failed");
  }

  @Test
  void aProgramThatDoesNotEndIsKilledAfterItsGracePeriod()
      throws IOException, InterruptedException {
    String deaf = Kind.shell("trap '' TERM; while :; do busybox sleep 1; done");
    own.kubectl().apply(Manifests.server("app", deaf, "").replace("Seconds: 30", "Seconds: 2"));
    own.kubectl().awaitReady("app");

    own.kubectl().call("delete", "pod", "app", "--timeout=30s");
  }
}
