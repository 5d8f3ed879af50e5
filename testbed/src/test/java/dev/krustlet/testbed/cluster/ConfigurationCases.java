package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What pods are told by files and variables.
final class ConfigurationCases {
  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  private String said(Kind kind, String file) throws IOException, InterruptedException {
    String said = own.kubectl().exec("app", "app", kind.appending(file, "/tmp/out"));
    return said.lines().findFirst().orElse("");
  }

  @ParameterizedTest
  @EnumSource
  void aConfigMapThatChangesIsSeenByWhoHasItMounted(Kind kind)
      throws IOException, InterruptedException {
    own.kubectl().call("create", "configmap", "message", "--from-literal=text=before\n");
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                """
                volumes: [{name: c, configMap: {name: message}}]
                containers:
                %s
                """
                    .formatted(
                        Manifests.container(
                            "app",
                            kind.idle(),
                            """
                            volumeMounts:
                            - {name: c, mountPath: /c}
                            - {name: c, mountPath: /one/text, subPath: text}
                            """))));
    own.kubectl().awaitReady("app");
    assertThat(said(kind, "/c/text")).isEqualTo("read /c/text: before");

    own.kubectl().call("patch", "configmap", "message", "-p", "{\"data\":{\"text\":\"after\\n\"}}");

    // the kubelet looks again within a minute and a half, and at once when the pod changes
    own.kubectl().call("annotate", "pod", "app", "look=again");
    own.kubectl().until("the change", () -> said(kind, "/c/text").equals("read /c/text: after"));
    // a subPath is the file of the start, as Kubernetes has it
    assertThat(said(kind, "/one/text")).isEqualTo("read /one/text: before");
  }

  @ParameterizedTest
  @EnumSource
  void aProjectedVolumeHasAllItsSources(Kind kind) throws IOException, InterruptedException {
    own.kubectl().call("create", "configmap", "message", "--from-literal=text=map\n");
    own.kubectl().call("create", "secret", "generic", "hidden", "--from-literal=text=secret\n");
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                """
                volumes:
                - name: all
                  projected:
                    sources:
                    - configMap: {name: message, items: [{key: text, path: map/text}]}
                    - secret: {name: hidden, items: [{key: text, path: secret/text, mode: 0444}]}
                    - serviceAccountToken: {path: token}
                    - downwardAPI:
                        items:
                        - {path: name, fieldRef: {fieldPath: metadata.name}}
                        - {path: limit, resourceFieldRef: {containerName: app, resource: limits.memory}}
                containers:
                %s
                """
                    .formatted(
                        Manifests.container(
                            "app",
                            kind.idle(),
                            """
                            resources: {limits: {memory: 64Mi}}
                            volumeMounts: [{name: all, mountPath: /all, readOnly: true}]
                            """))));
    own.kubectl().awaitReady("app");

    assertThat(said(kind, "/all/map/text")).isEqualTo("read /all/map/text: map");
    assertThat(said(kind, "/all/secret/text")).isEqualTo("read /all/secret/text: secret");
    assertThat(said(kind, "/all/name")).isEqualTo("read /all/name: app");
    assertThat(said(kind, "/all/limit")).isEqualTo("read /all/limit: 67108864");
    assertThat(said(kind, "/all/token")).startsWith("read /all/token: ey");
  }

  @ParameterizedTest
  @EnumSource
  void variablesTellOfThePod(Kind kind) throws IOException, InterruptedException {
    own.kubectl().call("create", "configmap", "message", "--from-literal=FROM_MAP=map");
    own.kubectl()
        .apply(
            Manifests.once(
                "app",
                kind.environment(),
                """
                resources: {limits: {memory: 64Mi}}
                envFrom: [{configMapRef: {name: message}}]
                env:
                - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                - {name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
                - {name: LIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory}}}
                - {name: BOTH, value: $(NAMESPACE)/$(FROM_MAP)}
                """));

    own.kubectl().awaitEnd("app", "Succeeded");
    assertThat(own.kubectl().call("logs", "app").lines())
        .contains(
            "env IP=" + own.kubectl().field("pod/app", ".status.podIP"),
            "env NAMESPACE=" + own.name(),
            "env LIMIT=67108864",
            "env BOTH=%s/map".formatted(own.name()),
            "env HOSTNAME=app");
  }
}
