package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Images that are mounted as volumes.
final class ImageVolumeCases {
  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  @Test
  void theProgramsOfAnImageThatIsAVolumeRun() throws IOException, InterruptedException {
    String mount = "volumeMounts: [{name: %s, mountPath: /v}]";
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                """
                restartPolicy: Never
                volumes:
                - {name: hello, image: {reference: "localhost/krustlet/hello:latest", pullPolicy: Never}}
                - {name: busybox, image: {reference: "docker.io/library/busybox:1.36", pullPolicy: Never}}
                containers:
                %s%s
                """
                    .formatted(
                        Manifests.container("wasm", "[/v/hello.wasm]", mount.formatted("hello")),
                        Manifests.container(
                            "native",
                            "[/v/bin/busybox, echo, hello from native]",
                            mount.formatted("busybox")))));

    own.kubectl().awaitEnd("app", "Succeeded");
    assertThat(own.kubectl().call("logs", "app", "-c", "wasm")).startsWith("hello from wasm\n");
    assertThat(own.kubectl().call("logs", "app", "-c", "native")).isEqualTo("hello from native\n");
  }
}
