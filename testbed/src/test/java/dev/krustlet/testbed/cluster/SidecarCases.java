package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Containers that injectors and `kubectl debug` add to pods, and the walls between them and the
/// node.
final class SidecarCases {
  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  /// The image has none of these directories, and its user is no root.
  @Test
  void aNativeSidecarOfAUserReadsConfigMapAndToken() throws IOException, InterruptedException {
    own.kubectl().call("create", "configmap", "root", "--from-literal=ca=certificate");
    String script =
        "busybox cat /var/run/secrets/config/ca; echo; busybox test -s /var/run/secrets/x/token "
            + "&& echo token; busybox id -u; "
            + "for d in /var /var/run /var/run/secrets /var/run/secrets/x; do busybox stat -c %a $d; done; "
            + "trap 'exit 143' TERM; while :; do busybox sleep 1; done";
    String mounts =
        """
        restartPolicy: Always
        securityContext: {runAsUser: 1337, runAsGroup: 1337}
        volumeMounts:
        - {name: config, mountPath: /var/run/secrets/config}
        - {name: token, mountPath: /var/run/secrets/x, readOnly: true}
        """;
    own.kubectl()
        .apply(
            Manifests.pod(
                "injected",
                """
                securityContext: {fsGroup: 1337}
                volumes:
                - {name: config, configMap: {name: root}}
                - name: token
                  projected: {sources: [{serviceAccountToken: {path: token}}]}
                initContainers:
                %scontainers:
                %s
                """
                    .formatted(
                        Manifests.container("proxy", Kind.shell(script), mounts),
                        Manifests.container("app", Kind.WASM.idle(), ""))));

    own.kubectl().awaitReady("injected");
    String said = own.kubectl().call("logs", "injected", "-c", "proxy");
    assertThat(said).startsWith("certificate\ntoken\n1337\n755\n755\n755\n");
  }

  @Test
  void theProcessesOfAWasmContainerCannotBeJoined() throws IOException, InterruptedException {
    own.kubectl().apply(Manifests.server("app", Kind.WASM.idle(), ""));
    own.kubectl().awaitReady("app");

    debug("--target=app");

    String state = ".status.ephemeralContainerStatuses[0].state";
    own.kubectl()
        .until(
            "the refusal",
            () ->
                own.kubectl()
                    .field("pod/app", state)
                    .contains(
                        "cannot join the processes of its target, which is a wasm container"));
    assertThat(own.kubectl().ask("logs", "app", "-c", "debug").out()).doesNotContain("pid:[");
    assertThat(own.kubectl().field("pod/app", ".status.containerStatuses[0].ready"))
        .isEqualTo("true");
  }

  private void debug(String... more) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("debug", "app", "--container=debug", "--profile=general"));
    words.addAll(List.of("--image=localhost/guests:1", "--image-pull-policy=Never"));
    words.addAll(List.of(more));
    words.addAll(List.of("--", "/bin/sh", "-c"));
    words.add("busybox readlink /proc/self/ns/pid; busybox grep -c sleep[y] /proc/1/cmdline || :");
    own.kubectl().call(words.toArray(String[]::new));
  }

  @Test
  void thoseOfANativeContainerCan() throws IOException, InterruptedException {
    String sleepy = Kind.shell("trap 'exit 143' TERM; : sleepy; while :; do busybox sleep 1; done");
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                "containers:\n"
                    + Manifests.container("app", sleepy, "")
                    + Manifests.container("wasm", Kind.WASM.idle(), "")));
    own.kubectl().awaitReady("app");

    debug("--target=app");

    awaitDebugged();
    var lines = own.kubectl().call("logs", "app", "-c", "debug").lines().toList();
    assertThat(lines.get(0)).startsWith("pid:[").isNotEqualTo(nodesPids());
    assertThat(lines.get(1)).as("its first process is the target's").isEqualTo("1");
  }

  @Test
  void withoutATargetItSeesItselfAlone() throws IOException, InterruptedException {
    own.kubectl().apply(Manifests.server("app", Kind.WASM.idle(), ""));
    own.kubectl().awaitReady("app");

    debug();

    awaitDebugged();
    assertThat(own.kubectl().call("logs", "app", "-c", "debug"))
        .startsWith("pid:[")
        .doesNotStartWith(nodesPids())
        .endsWith("]\n0\n");
  }

  private void awaitDebugged() throws IOException, InterruptedException {
    String reason = ".status.ephemeralContainerStatuses[0].state.terminated.reason";
    own.kubectl().awaitField("pod/app", reason, "Completed");
  }

  private String nodesPids() throws IOException, InterruptedException {
    return own.node().run("readlink", "/proc/self/ns/pid").out().strip();
  }

  @ParameterizedTest
  @EnumSource
  void aUserNamespaceIsRefusedByASentence(Kind kind) throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                "hostUsers: false\ncontainers:\n" + Manifests.container("app", kind.idle(), "")));

    own.kubectl()
        .until(
            "the sentence",
            () ->
                own.kubectl()
                    .call("describe", "pod", "app")
                    .contains("\"krustlet\" does not support user namespaces"));
    assertThat(own.kubectl().field("pod/app", ".status.phase")).isEqualTo("Pending");
  }
}
