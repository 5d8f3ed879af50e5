package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Deployments that grow by what their pods use, as the metrics server has it from the kubelet.
final class AutoscalerCases {
  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  /// A pod uses twice what it asks for; three are the most.
  @ParameterizedTest
  @EnumSource
  void aDeploymentGrowsWithTheCpuOfItsPods(Kind kind) throws IOException, InterruptedException {
    String busy = kind == Kind.WASM ? "[/loop.wat]" : Kind.shell("while :; do :; done");
    String resources = "resources: {requests: {cpu: 50m}, limits: {cpu: 100m}}";
    own.kubectl()
        .apply(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: busy}
            spec:
              replicas: 1
              selector: {matchLabels: {case: busy}}
              template:
                metadata: {labels: {case: busy}}
                spec:
                  runtimeClassName: krustlet
                  automountServiceAccountToken: false
                  terminationGracePeriodSeconds: 1
                  containers:
            %s
            ---
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: busy}
            spec:
              scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: busy}
              minReplicas: 1
              maxReplicas: 3
              metrics:
              - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
            """
                .formatted(Manifests.container("app", busy, resources).indent(6)));

    own.kubectl().awaitField("deployment/busy", ".status.readyReplicas", "3");
    assertThat(own.kubectl().call("describe", "hpa", "busy"))
        .contains("reason: cpu resource utilization (percentage of request) above target");
    assertThat(own.kubectl().call("top", "pods").lines())
        .anyMatch(line -> line.matches("busy-.*m .*Mi.*"));
  }
}
