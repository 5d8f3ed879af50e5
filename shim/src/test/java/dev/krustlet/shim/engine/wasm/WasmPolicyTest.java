package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.proto.engine.v1.Http;
import dev.krustlet.proto.engine.v1.Network;
import dev.krustlet.proto.engine.v1.Policy;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.policy.NodePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WasmPolicyTest {
  @TempDir private Path bundle;

  @Test
  void everyAnnotationReachesTheEngine() throws IOException, SpecException, TaskException {
    Policy told =
        told(
            """
            "krustlet.dev/outbound": "*.example.com:443, 10.0.0.0/8",
            "krustlet.dev/inbound-ports": "8080,9000-9100",
            "krustlet.dev/listen": "[::]:8080",
            "krustlet.dev/max-outgoing-requests": "1",
            "krustlet.dev/max-instances": "2",
            "krustlet.dev/cpu-time": "3s",
            "krustlet.dev/wall-time": "4m",
            "krustlet.dev/deterministic": "true",
            "krustlet.dev/preopens": "/data:ro",
            "krustlet.dev/http-max-requests": "5",
            "krustlet.dev/http-request-timeout": "6s",
            "krustlet.dev/http-max-head": "7Ki",
            "krustlet.dev/http-max-body": "8Mi",
            "krustlet.dev/http-request-memory": "9Mi",
            "krustlet.dev/http-requests-per-instance": "10",
            "krustlet.dev/http-workers": "11",
            "krustlet.dev/http-access-log": "true"
            """);

    assertThat(told)
        .isEqualTo(
            Policy.newBuilder()
                .setNetwork(
                    Network.newBuilder()
                        .setOutboundRestricted(true)
                        .addAllOutbound(List.of("*.example.com:443", "10.0.0.0/8"))
                        .setInboundRestricted(true)
                        .addAllInbound(List.of("8080", "9000-9100"))
                        .addListen("[::]:8080")
                        .setMaxOutgoingRequests(1))
                .setHttp(
                    Http.newBuilder()
                        .setMaxRequests(5)
                        .setRequestTimeoutMs(6_000)
                        .setMaxHeadBytes(7 << 10)
                        .setMaxBodyBytes(8 << 20)
                        .setRequestMemoryBytes(9 << 20)
                        .setMaxRequestsPerInstance(10)
                        .setWorkers(11)
                        .setAccessLog(true))
                .setMaxInstances(2)
                .setCpuTimeMs(3_000)
                .setWallTimeMs(240_000)
                .setDeterministic(true)
                .addPreopens("/data:ro")
                .build());
  }

  @Test
  void withoutAnnotationsNothingIsRestricted() throws IOException, SpecException, TaskException {
    Policy told = told("\"krustlet.dev/config-dirs\": \"/etc/a\", \"krustlet.dev/keyvalue\": \"\"");

    assertThat(told)
        .isEqualTo(
            Policy.newBuilder()
                .setNetwork(Network.getDefaultInstance())
                .setHttp(Http.getDefaultInstance())
                .build());
  }

  @Test
  void aRefusalNamesContainerAndAnnotation() {
    assertThatThrownBy(() -> told("\"krustlet.dev/max-instance\": \"1\""))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT))
        .hasMessageContainingAll("container c: ", "krustlet.dev/max-instance");
  }

  private Policy told(String annotations) throws IOException, SpecException, TaskException {
    Files.writeString(
        bundle.resolve("config.json"), "{\"annotations\":{%s}}".formatted(annotations));
    var request =
        new ContainerRequest(
            "c", bundle, Bundle.load(bundle), List.of(), Stdio.NONE, RuntimeOptions.DEFAULT);
    return WasmPolicy.told(WasmPolicy.of(request, NodePolicy.DEFAULT));
  }
}
