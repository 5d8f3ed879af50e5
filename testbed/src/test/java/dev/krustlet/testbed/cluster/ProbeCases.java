package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What the kubelet asks containers, and what it does by the answer. `grpc` is asked of a native
/// container alone: no guest that we have answers it.
final class ProbeCases {
  private static final String OFTEN = "periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 2";

  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  static Stream<Arguments> probes() {
    return Stream.of(Kind.values())
        .flatMap(kind ->
            Stream.of(
                    "exec: {command: %s}".formatted(kind.end(0)),
                    "httpGet: {path: /, port: 8080}",
                    "tcpSocket: {port: 8080}")
                .map(probe -> Arguments.of(kind, probe)));
  }

  @ParameterizedTest
  @MethodSource("probes")
  void aPodIsReadyByAnyProbe(Kind kind, String probe) throws IOException, InterruptedException {
    String probes =
        "startupProbe: {%1$s, %2$s0}\nlivenessProbe: {%1$s, %2$s}\nreadinessProbe: {%1$s, %2$s}"
            .formatted(probe, OFTEN);
    own.kubectl().apply(Manifests.server("app", kind.web(), probes));

    own.kubectl().awaitReady("app");
    assertThat(own.kubectl().field("pod/app", ".status.containerStatuses[0].started"))
        .isEqualTo("true");
    assertThat(own.kubectl().field("pod/app", ".status.containerStatuses[0].restartCount"))
        .isEqualTo("0");
  }

  static Stream<Arguments> failing() {
    return Stream.of(Kind.values())
        .flatMap(kind ->
            Stream.of(
                    "exec: {command: %s}".formatted(kind.end(1)),
                    "httpGet: {path: /none, port: 8080}",
                    "tcpSocket: {port: 8081}")
                .map(probe -> Arguments.of(kind, probe)));
  }

  @ParameterizedTest
  @MethodSource("failing")
  void aContainerWhoseLivenessFailsIsStartedAgain(Kind kind, String probe)
      throws IOException, InterruptedException {
    String probes = "livenessProbe: {%s, %s}".formatted(probe, OFTEN);
    own.kubectl().apply(Manifests.server("app", kind.web(), probes));

    String restarts = ".status.containerStatuses[0].restartCount";
    own.kubectl()
        .until("a restart", () -> own.kubectl().field("pod/app", restarts).matches("[1-9].*"));
    assertThat(own.kubectl().call("describe", "pod", "app"))
        .contains("Container app failed liveness probe, will be restarted");
  }

  @ParameterizedTest
  @EnumSource
  void aContainerWhoseStartupFailsIsStartedAgain(Kind kind)
      throws IOException, InterruptedException {
    String probes = "startupProbe: {exec: {command: %s}, %s}".formatted(kind.end(1), OFTEN);
    own.kubectl().apply(Manifests.server("app", kind.idle(), probes));

    String restarts = ".status.containerStatuses[0].restartCount";
    own.kubectl()
        .until("a restart", () -> own.kubectl().field("pod/app", restarts).matches("[1-9].*"));
    assertThat(own.kubectl().field("pod/app", ".status.containerStatuses[0].started"))
        .isEqualTo("false");
  }

  /// Its probe reads a ConfigMap's file that comes later.
  @ParameterizedTest
  @EnumSource
  void readinessComesAndGoes(Kind kind) throws IOException, InterruptedException {
    var directory = own.directory();
    String probe = kind == Kind.WASM ? kind.append("/h/ready", "/tmp/out") : "[/bin/cat, /h/ready]";
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
                            """
                            volumeMounts: [{name: h, mountPath: /h}]
                            readinessProbe: {exec: {command: %s}, %s}
                            """
                                .formatted(probe, OFTEN)))));
    String ready = ".status.containerStatuses[0].ready";
    String running = ".status.containerStatuses[0].state.running.startedAt";
    own.kubectl().until("the start", () -> !own.kubectl().field("pod/app", running).isEmpty());
    assertThat(own.kubectl().field("pod/app", ready)).isEqualTo("false");

    var file = Files.writeString(directory.resolve("ready"), "yes\n");
    own.kubectl().awaitReady("app");
    Files.delete(file);
    own.kubectl().awaitField("pod/app", ready, "false");
    assertThat(own.kubectl().field("pod/app", ".status.containerStatuses[0].restartCount"))
        .isEqualTo("0");
  }

  /// Etcd answers the questions of `grpc.health.v1` where it answers its clients.
  private void applyEtcd(String probes) throws IOException, InterruptedException {
    Path program = own.node().path().resolve("bin/etcd").toRealPath();
    String command =
        "[/etcd, --data-dir=/tmp/etcd, --unsafe-no-fsync, "
            + "\"--listen-client-urls=http://0.0.0.0:2379\", "
            + "\"--advertise-client-urls=http://127.0.0.1:2379\"]";
    String mount = "volumeMounts: [{name: etcd, mountPath: /etcd, readOnly: true}]\n";
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                """
                volumes: [{name: etcd, hostPath: {path: %s, type: File}}]
                containers:
                %s
                """
                    .formatted(program, Manifests.container("app", command, mount + probes))));
  }

  @Test
  void aPodIsReadyByGrpc() throws IOException, InterruptedException {
    String grpc = "grpc: {port: 2379}";
    applyEtcd(
        "startupProbe: {%1$s, %2$s0}\nlivenessProbe: {%1$s, %2$s}\nreadinessProbe: {%1$s, %2$s}"
            .formatted(grpc, OFTEN));

    own.kubectl().awaitReady("app");
  }

  @Test
  void aContainerThatDoesNotServeByGrpcIsStartedAgain() throws IOException, InterruptedException {
    applyEtcd("livenessProbe: {grpc: {port: 2379, service: none}, %s}".formatted(OFTEN));

    String restarts = ".status.containerStatuses[0].restartCount";
    own.kubectl()
        .until("a restart", () -> own.kubectl().field("pod/app", restarts).matches("[1-9].*"));
  }
}
