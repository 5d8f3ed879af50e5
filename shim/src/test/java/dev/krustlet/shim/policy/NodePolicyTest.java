package dev.krustlet.shim.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodePolicyTest {
  private static final NodePolicy STRICT =
      new NodePolicy(
          Optional.of(List.of(OutboundRule.parse("*.example.com:443"))),
          Optional.of(List.of(PortRange.parse("8000-8999"))),
          true,
          Set.of(WasmFeature.SIMD),
          false,
          Map.of(Bound.CPU_TIME, 60_000L, Bound.HTTP_MAX_BODY, 1L << 20, Bound.MAX_INSTANCES, 999L),
          Map.of(Bound.CPU_TIME, 1_000L),
          true,
          true);

  @Test
  void anOpenNodeGrantsWhatIsAsked() {
    Policy granted = NodePolicy.DEFAULT.grant(Policy.NONE);

    assertThat(granted.outbound()).isEmpty();
    assertThat(granted.inbound()).isEmpty();
    assertThat(granted.bounds()).isEmpty();
    assertThat(granted.features()).contains(Set.of(WasmFeature.values()));
    assertThat(granted.deterministic()).contains(false);
    assertThat(NodePolicy.DEFAULT.grant(asked("preopens", "/data")).preopens())
        .containsExactly("/data");
  }

  @Test
  void whoAsksForNothingGetsTheNodesOwn() {
    Policy granted = STRICT.grant(Policy.NONE);

    assertThat(granted.outbound()).isEqualTo(STRICT.outbound());
    assertThat(granted.inbound()).isEqualTo(STRICT.inbound());
    assertThat(granted.features()).contains(Set.of(WasmFeature.SIMD));
    assertThat(granted.deterministic()).contains(true);
    assertThat(granted.accessLog()).contains(true);
    assertThat(granted.bounds())
        .as("the default, the ceiling below the engine's own, the engine's own below the ceiling")
        .isEqualTo(
            Map.of(
                Bound.CPU_TIME, 1_000L, Bound.HTTP_MAX_BODY, 1L << 20, Bound.MAX_INSTANCES, 256L));
  }

  @Test
  void whatIsWithinTheCeilingsIsGranted() {
    assertThat(STRICT.grant(asked("outbound", "api.example.com:443")).outbound())
        .contains(List.of(OutboundRule.parse("api.example.com:443")));
    assertThat(STRICT.grant(asked("outbound", "none")).outbound()).contains(List.of());
    assertThat(STRICT.grant(asked("inbound-ports", "8080")).inbound())
        .contains(List.of(PortRange.parse("8080")));
    assertThat(STRICT.grant(asked("listen", "0.0.0.0:8080")).listen()).hasSize(1);
    assertThat(STRICT.grant(asked("cpu-time", "1m")).bound(Bound.CPU_TIME)).isEqualTo(60_000);
    assertThat(STRICT.grant(asked("wasm-features", "none")).features()).contains(Set.of());
    assertThat(STRICT.grant(asked("deterministic", "false")).deterministic()).contains(false);
  }

  @ParameterizedTest
  @CsvSource({
    "outbound, api.example.com, policy.outbound = [*.example.com:443]",
    "outbound, 10.0.0.1:443, policy.outbound",
    "inbound-ports, 80-8080, policy.inbound_ports = [8000-8999]",
    "listen, 0.0.0.0:80, policy.inbound_ports",
    "preopens, /data, policy.preopens = false",
    "wasm-features, gc, policy.wasm_features = [simd]",
    "cpu-time, 61s, policy.max.cpu_time = 60s",
    "http-max-body, 2Mi, policy.max.http_max_body = 1.0 MiB",
  })
  void whatIsBeyondThemIsRefusedWithBothNamed(String key, String value, String ceiling) {
    assertThatThrownBy(() -> STRICT.grant(asked(key, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("krustlet.dev/" + key, ceiling);
  }

  @Test
  void aNodeMayHaveNoOpenSockets() {
    var open = NodePolicy.DEFAULT;
    var node =
        new NodePolicy(
            open.outbound(),
            open.inbound(),
            false,
            open.features(),
            true,
            Map.of(),
            Map.of(),
            false,
            false);

    assertThatThrownBy(() -> node.grant(asked("listen", "0.0.0.0:80")))
        .hasMessageContainingAll("krustlet.dev/listen", "0.0.0.0:80", "policy.listen = false");
  }

  @Test
  void aSocketIsOpenAtThePodsOwnPortsAlone() {
    var policy =
        PolicyAnnotations.read(
            Map.of("krustlet.dev/listen", "[::]:80", "krustlet.dev/inbound-ports", "8080"),
            Set.of());

    assertThatThrownBy(() -> NodePolicy.DEFAULT.grant(policy))
        .hasMessageContainingAll("krustlet.dev/listen", "[::]:80", "krustlet.dev/inbound-ports");
  }

  private static Policy asked(String key, String value) {
    return PolicyAnnotations.read(Map.of("krustlet.dev/" + key, value), Set.of());
  }
}
