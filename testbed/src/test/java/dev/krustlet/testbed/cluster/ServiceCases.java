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

/// Deployments that answer requests, asked by the name of their service.
final class ServiceCases {
  private static final int ENOUGH = 20; // requests

  /// As some balancers of load ask whether a server is there: of HTTP/1.0, without a host.
  private static final String ASK = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | busybox nc -w 20 %s 80";

  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  /// A deployment and its service, both called `web`, whose pods leave before they end.
  private void deploy(Kind kind) throws IOException, InterruptedException {
    String container =
        Manifests.container(
            "web",
            kind.web(),
            """
            readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
            lifecycle: {preStop: {sleep: {seconds: 5}}}
            """);
    own.kubectl()
        .apply(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              selector: {case: web}
              ports: [{port: 80, targetPort: 8080}]
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {case: web}}
              strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
              template:
                metadata: {labels: {case: web}}
                spec:
                  runtimeClassName: krustlet
                  automountServiceAccountToken: false
                  containers:
            %s
            """
                .formatted(container.indent(6)));
    own.kubectl().call("rollout", "status", "deployment/web", "--timeout=90s");
  }

  static Stream<Arguments> pairs() {
    return Stream.of(Kind.values())
        .flatMap(client -> Stream.of(Kind.values()).map(server -> Arguments.of(client, server)));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aServiceIsAskedByItsName(Kind client, Kind server) throws IOException, InterruptedException {
    deploy(server);
    String name = "web.%s.svc.cluster.local".formatted(own.name());
    String command =
        client == Kind.WASM
            ? "[/fetch.wasm, --timeout, \"20\", \"%s\"]".formatted("http://" + name + "/")
            : Kind.shell(ASK.formatted(name));
    own.kubectl().apply(Manifests.once("client", command, ""));
    own.kubectl().apply(Manifests.once("short", command.replace(name, "web"), ""));

    for (String pod : new String[] {"client", "short"}) {
      own.kubectl().awaitEnd(pod, "Succeeded");
      assertThat(own.kubectl().call("logs", pod)).endsWith("hello, world\n");
    }
  }

  @Test
  void aRequestOfHttp10WithoutAHostIsAnswered() throws IOException, InterruptedException {
    deploy(Kind.WASM);
    String ask = Kind.shell(ASK.formatted("web"));
    own.kubectl().apply(Manifests.once("client", ask, ""));

    own.kubectl().awaitEnd("client", "Succeeded");
    assertThat(own.kubectl().call("logs", "client"))
        .startsWith("HTTP/1.0 200")
        .endsWith("hello, world\n");
  }

  /// While every pod is replaced by a new one.
  @ParameterizedTest
  @EnumSource
  void aRollingUpdateLosesNoRequest(Kind kind) throws IOException, InterruptedException {
    deploy(kind);
    Path directory = own.directory();
    String script =
        "a=0; l=0; while [ ! -e /h/stop ]; do "
            + "if %s | busybox grep -q '^hello, world'; then a=$((a+1)); "
            + "else l=$((l+1)); fi; echo $a >/h/answered; done; echo $l lost";
    script = script.formatted(ASK.formatted("web"));
    own.kubectl()
        .apply(
            Manifests.pod(
                "client",
                """
                restartPolicy: Never
                volumes: [{name: h, hostPath: {path: %s}}]
                containers:
                %s
                """
                    .formatted(
                        directory,
                        Manifests.container(
                            "app",
                            Kind.shell(script),
                            "volumeMounts: [{name: h, mountPath: /h}]"))));
    awaitAnswers(directory, ENOUGH);

    own.kubectl().call("rollout", "restart", "deployment/web");
    own.kubectl().call("rollout", "status", "deployment/web", "--timeout=90s");
    own.kubectl()
        .until(
            "two pods",
            () ->
                own.kubectl()
                        .call("get", "pods", "--selector=case=web", "--output=name")
                        .lines()
                        .count()
                    == 2);
    awaitAnswers(directory, answers(directory) + ENOUGH);
    Files.createFile(directory.resolve("stop"));

    own.kubectl().awaitEnd("client", "Succeeded");
    assertThat(own.kubectl().call("logs", "client")).isEqualTo("0 lost\n");
  }

  private static int answers(Path directory) throws IOException {
    Path file = directory.resolve("answered");
    String said = Files.exists(file) ? Files.readString(file).strip() : "";
    return said.isEmpty() ? 0 : Integer.parseInt(said);
  }

  private void awaitAnswers(Path directory, int count) throws IOException, InterruptedException {
    own.kubectl().until("%d answers".formatted(count), () -> answers(directory) >= count);
  }
}
