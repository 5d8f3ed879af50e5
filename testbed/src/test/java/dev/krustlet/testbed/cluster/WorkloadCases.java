package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Pods that controllers make.
final class WorkloadCases {
  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  /// A controller's template.
  private static String template(String rest, String containers) {
    return """
    metadata: {labels: {case: app}}
    spec:
      runtimeClassName: krustlet
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 30
    """
        + (rest + "containers:\n" + containers).strip().indent(2);
  }

  private static String both(Kind first) {
    Kind second = first == Kind.WASM ? Kind.NATIVE : Kind.WASM;
    return Manifests.container("one", first.end(0), "")
        + Manifests.container("two", second.end(0), "");
  }

  @Test
  void aJobOfBothKindsCompletes() throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: app}
            spec:
              completions: 4
              parallelism: 2
              template:
            %s
            """
                .formatted(template("restartPolicy: Never\n", both(Kind.WASM)).indent(4)));

    own.kubectl().awaitField("job/app", ".status.succeeded", "4");
    assertThat(own.kubectl().field("job/app", ".status.failed")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aJobThatFailsIsTriedAgain(Kind kind) throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: app}
            spec:
              backoffLimit: 1
              template:
            %s
            """
                .formatted(
                    template("restartPolicy: Never\n", Manifests.container("app", kind.end(3), ""))
                        .indent(4)));

    own.kubectl().awaitField("job/app", ".status.failed", "2");
    own.kubectl().call("wait", "job/app", "--for=condition=Failed", "--timeout=60s");
    String exits =
        own.kubectl()
            .call(
                "get",
                "pods",
                "--output=jsonpath={.items[*].status.containerStatuses[0].state.terminated.exitCode}");
    assertThat(exits).isEqualTo("3 3");
  }

  @Test
  void aCronJobRunsByTheMinute() throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            """
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: app}
            spec:
              schedule: "* * * * *"
              jobTemplate:
                spec:
                  template:
            %s
            """
                .formatted(template("restartPolicy: Never\n", both(Kind.NATIVE)).indent(8)));

    own.kubectl()
        .until(
            "a run",
            () -> !own.kubectl().field("cronjob/app", ".status.lastSuccessfulTime").isEmpty());
    // each log is the container's own
    String logs =
        own.kubectl().call("logs", "--selector=case=app", "--all-containers", "--tail=-1");
    assertThat(logs).contains("hello from native", "hello from wasm");
  }

  @ParameterizedTest
  @EnumSource
  void aStatefulSetHasItsNames(Kind kind) throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: app}
            spec:
              serviceName: app
              replicas: 2
              selector: {matchLabels: {case: app}}
              template:
            %s
            """
                .formatted(template("", Manifests.container("app", kind.idle(), "")).indent(4)));

    own.kubectl().awaitField("statefulset/app", ".status.readyReplicas", "2");
    for (String name : List.of("app-0", "app-1")) {
      String said = own.kubectl().exec(name, "app", kind.appending("/etc/hostname", "/tmp/out"));
      assertThat(said).contains("read /etc/hostname: " + name);
    }
    own.kubectl().call("scale", "statefulset/app", "--replicas=1");
    own.kubectl().call("wait", "pod/app-1", "--for=delete", "--timeout=60s");
  }

  @ParameterizedTest
  @EnumSource
  void aDaemonSetIsOnTheNode(Kind kind) throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: app}
            spec:
              selector: {matchLabels: {case: app}}
              template:
            %s
            """
                .formatted(template("", Manifests.container("app", kind.idle(), "")).indent(4)));

    own.kubectl().awaitField("daemonset/app", ".status.numberReady", "1");
  }
}
