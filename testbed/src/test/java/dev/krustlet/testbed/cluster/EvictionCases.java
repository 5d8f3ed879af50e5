package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Pods that the kubelet ends because they took too much.
final class EvictionCases {
  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  @ParameterizedTest
  @EnumSource
  void aPodWhoseVolumeOutgrowsItsLimitIsEvicted(Kind kind)
      throws IOException, InterruptedException {
    String command =
        switch (kind) {
          case WASM -> "[/counter.wasm, --interval, \"1\", --out, /v/file]";
          case NATIVE ->
              Kind.shell(
                  "trap 'exit 143' TERM; busybox dd if=/dev/zero of=/v/file bs=64k count=4; "
                      + "while :; do busybox sleep 1 & wait; done");
        };
    own.kubectl()
        .apply(
            Manifests.pod(
                "greedy",
                """
                volumes: [{name: v, emptyDir: {sizeLimit: 16Ki}}]
                containers:
                %s
                """
                    .formatted(
                        Manifests.container(
                            "app", command, "volumeMounts: [{name: v, mountPath: /v}]"))));

    own.kubectl().awaitField("pod/greedy", ".status.reason", "Evicted");
    assertThat(own.kubectl().field("pod/greedy", ".status.message"))
        .contains("Usage of EmptyDir volume \"v\" exceeds the limit \"16Ki\"");
    String ended = ".status.containerStatuses[0].state.terminated.exitCode";
    own.kubectl()
        .until("the container's end", () -> !own.kubectl().field("pod/greedy", ended).isEmpty());
  }
}
