package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Pods that ask much of the node, which has to go on.
final class LimitCases {
  private static final int FILES = 100_000;

  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  /// And the guest that does it, again and again, ends by SIGTERM: its grace period is longer than
  /// anybody waits.
  @Test
  void aDirectoryOfAHundredThousandFilesIsRead() throws IOException, InterruptedException {
    String mount = "volumeMounts: [{name: v, mountPath: /v}]";
    String fill =
        Kind.shell("cd /v && busybox seq %d | busybox xargs busybox touch".formatted(FILES));
    own.kubectl()
        .apply(
            Manifests.pod(
                "reader",
                """
                terminationGracePeriodSeconds: 600
                volumes: [{name: v, emptyDir: {}}]
                initContainers:
                %scontainers:
                %s
                """
                    .formatted(
                        Manifests.container("fill", fill, mount),
                        Manifests.container("list", "[/list.wat]", mount))));

    own.kubectl().awaitReady("reader");
    own.kubectl().until("a list", () -> !own.kubectl().call("logs", "reader").isEmpty());
    // with `.` and `..`
    assertThat(own.kubectl().call("logs", "reader").lines()).first().isEqualTo(FILES + 2 + "");
    own.kubectl().call("delete", "pod", "reader", "--timeout=60s");
  }

  @ParameterizedTest
  @EnumSource
  void aVariableOf4MibIsRefusedByASentence(Kind kind) throws IOException, InterruptedException {
    own.kubectl().apply(Manifests.server("greedy", kind.idle(), "env:\n" + longPath()));

    own.kubectl()
        .until(
            "the refusal",
            () ->
                own.kubectl()
                    .call("describe", "pod", "greedy")
                    .contains("config.json: field process.env[0]: a string is longer than"));
    own.kubectl().apply(Manifests.once("next", kind.end(0), ""));
    own.kubectl().awaitEnd("next", "Succeeded");
  }

  /// `PATH` of 4 MiB, of a kibibyte that is doubled five times and taken 128 times.
  private static String longPath() {
    var variables = new StringBuilder("- {name: V0, value: %s}\n".formatted("/x".repeat(512)));
    for (int i = 1; i <= 5; i++) {
      variables.append("- {name: V%d, value: $(V%d)$(V%2$d)}\n".formatted(i, i - 1));
    }
    return variables + "- {name: PATH, value: %s}\n".formatted("$(V5)".repeat(128));
  }
}
