package dev.krustlet.shim.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.policy.Bound;
import dev.krustlet.shim.policy.NodePolicy;
import dev.krustlet.shim.policy.OutboundRule;
import dev.krustlet.shim.policy.PortRange;
import dev.krustlet.shim.policy.WasmFeature;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicySettingsTest {
  @Test
  void everyKeyIsRead() {
    NodePolicy policy =
        NodeSettings.parse(
                """
                [policy]
                outbound = ["*.example.com:443", "10.0.0.0/8"]
                inbound_ports = [8080, "9000-9100"]
                listen = false
                preopens = false
                wasm_features = ["simd", "tail-calls"]
                [policy.max]
                cpu_time = "10m"
                http_max_body = "1Mi"
                max_instances = 32
                [policy.default]
                cpu_time = "1m"
                deterministic = true
                http_access_log = true
                """)
            .policy();

    assertThat(policy)
        .isEqualTo(
            new NodePolicy(
                Optional.of(
                    List.of(
                        OutboundRule.parse("*.example.com:443"), OutboundRule.parse("10.0.0.0/8"))),
                Optional.of(List.of(PortRange.parse("8080"), PortRange.parse("9000-9100"))),
                false,
                Set.of(WasmFeature.SIMD, WasmFeature.TAIL_CALLS),
                false,
                Map.of(
                    Bound.CPU_TIME, 600_000L,
                    Bound.HTTP_MAX_BODY, 1L << 20,
                    Bound.MAX_INSTANCES, 32L),
                Map.of(Bound.CPU_TIME, 60_000L),
                true,
                true));
  }

  @Test
  void everyBoundHasACeilingAndADefault() {
    String all =
        Stream.of(Bound.values())
            .map(bound ->
                bound.setting()
                    + switch (bound.unit()) {
                      case COUNT -> " = 3\n";
                      case SIZE -> " = \"3Ki\"\n";
                      case TIME -> " = \"3s\"\n";
                    })
            .collect(Collectors.joining());
    NodePolicy policy =
        NodeSettings.parse("[policy.max]\n" + all + "[policy.default]\n" + all).policy();

    assertThat(policy.most()).containsOnlyKeys(Bound.values());
    assertThat(policy.usual()).isEqualTo(policy.most());
  }

  @Test
  void anEmptyListAllowsNothing() {
    NodePolicy policy = NodeSettings.parse("[policy]\noutbound = []\nwasm_features = []").policy();

    assertThat(policy.outbound()).contains(List.of());
    assertThat(policy.features()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "policy.oubtound = []            | policy.oubtound",
        "policy.max.cpu_tiem = '1s'      | policy.max.cpu_tiem",
        "policy.max.deterministic = true | policy.max.deterministic",
        "policy.default.listen = true    | policy.default.listen",
        "policy.outbound = ['a b']       | policy.outbound: rule 'a b'",
        "policy.outbound = 'a.example'   | policy.outbound",
        "policy.inbound_ports = [0]      | policy.inbound_ports: '0'",
        "policy.inbound_ports = [true]   | policy.inbound_ports",
        "policy.listen = 'no'            | policy.listen",
        "policy.wasm_features = ['simt'] | policy.wasm_features: 'simt'",
        "policy.max.cpu_time = 5         | policy.max.cpu_time: '5'",
        "policy.max.max_instances = 0    | policy.max.max_instances: '0'",
        "policy.max.cpu_time = false     | policy.max.cpu_time",
        "policy = 'strict'               | policy",
      })
  void aKeyOrValueThatCannotBeIsNamed(String line, String named) {
    assertThatThrownBy(() -> NodeSettings.parse(line.replace('\'', '"')))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }

  @Test
  void aDefaultBeyondItsCeilingIsRefusedWithBoth() {
    String toml = "policy.max.cpu_time = \"1m\"\npolicy.default.cpu_time = \"61s\"";

    assertThatThrownBy(() -> NodeSettings.parse(toml))
        .hasMessageContainingAll("policy.default.cpu_time: 61s", "policy.max.cpu_time of 60s");
  }
}
