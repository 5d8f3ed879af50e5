package dev.krustlet.shim.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PolicyAnnotationsTest {
  @Test
  void nothingIsAskedWithoutAnnotations() {
    assertThat(read("io.kubernetes.cri.container-type", "container")).isEqualTo(Policy.NONE);
  }

  @Test
  void listsHaveCommas() {
    Policy policy =
        PolicyAnnotations.read(
            Map.of(
                "krustlet.dev/outbound", "api.example.com:443, 10.0.0.0/8,",
                "krustlet.dev/inbound-ports", "8080,9000-9100",
                "krustlet.dev/listen", "0.0.0.0:8080,[::]:8080",
                "krustlet.dev/wasm-features", "simd,tail-calls",
                "krustlet.dev/preopens", "/data,/etc/app:ro"),
            Set.of());

    assertThat(policy.outbound().orElseThrow())
        .extracting(OutboundRule::text)
        .containsExactly("api.example.com:443", "10.0.0.0/8");
    assertThat(policy.inbound().orElseThrow())
        .containsExactly(new PortRange(8080, 8080), new PortRange(9000, 9100));
    assertThat(policy.listen()).containsExactly("0.0.0.0:8080", "[::]:8080");
    assertThat(policy.features()).contains(Set.of(WasmFeature.SIMD, WasmFeature.TAIL_CALLS));
    assertThat(policy.preopens()).containsExactly("/data", "/etc/app:ro");
  }

  @Test
  void noneIsAListOfNothing() {
    assertThat(read("krustlet.dev/outbound", "none").outbound()).contains(List.of());
    assertThat(read("krustlet.dev/inbound-ports", "none").inbound()).contains(List.of());
    assertThat(read("krustlet.dev/wasm-features", "none").features()).contains(Set.of());
  }

  @ParameterizedTest
  @EnumSource(Bound.class)
  void everyBoundHasItsAnnotation(Bound bound) {
    String one =
        switch (bound.unit()) {
          case COUNT -> "7";
          case SIZE -> "7Ki";
          case TIME -> "7s";
        };
    long value =
        switch (bound.unit()) {
          case COUNT -> 7;
          case SIZE -> 7 << 10;
          case TIME -> 7_000;
        };

    String name = "krustlet.dev/" + bound.key();
    assertThat(read(name, one).bounds()).isEqualTo(Map.of(bound, value));
    assertThatThrownBy(() -> read(name, "much")).hasMessageContainingAll(name + ": ", "'much'");
    assertThatThrownBy(() -> read(name, one.replace('7', '0')))
        .hasMessageContainingAll(name + ": ", "more than nothing");
  }

  @Test
  void switchesAreTrueOrFalse() {
    assertThat(read("krustlet.dev/deterministic", "true").deterministic()).contains(true);
    assertThat(read("krustlet.dev/http-access-log", "false").accessLog()).contains(false);
  }

  @ParameterizedTest
  @CsvSource({
    "outbound, https://a.example",
    "outbound, ''",
    "inbound-ports, 70000",
    "listen, 8080",
    "listen, a.example:8080",
    "listen, ::1:8080x",
    "listen, 0.0.0.0:80-90",
    "wasm-features, simt",
    "preopens, data",
    "deterministic, yes",
    "http-access-log, 1",
  })
  void aBadValueIsRefusedWithItsAnnotation(String key, String value) {
    assertThatThrownBy(() -> read("krustlet.dev/" + key, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("annotation krustlet.dev/%s: ".formatted(key))
        .hasMessageContaining(value);
  }

  @Test
  void anUnknownAnnotationIsNamed() {
    assertThatThrownBy(() -> read("krustlet.dev/cpu-tiem", "1s"))
        .hasMessageContaining("krustlet.dev/cpu-tiem");
    assertThatThrownBy(() -> read("alpha.wasi.krustlet.dev/other", "1"))
        .hasMessageContaining("alpha.wasi.krustlet.dev/other");
    assertThat(PolicyAnnotations.read(Map.of("krustlet.dev/x", ""), Set.of("krustlet.dev/x")))
        .isEqualTo(Policy.NONE);
  }

  @Test
  void whatKrustletOfOldReadIsReadStill() {
    String domains = "alpha.wasi.krustlet.dev/allowed-domains";

    assertThat(
            read(domains, "[\"https://api.example.com/v1\", \"http://[::1]:8080\", \"b.example\"]")
                .outbound()
                .orElseThrow())
        .extracting(OutboundRule::text)
        .containsExactly("api.example.com", "[::1]:8080", "b.example");
    assertThat(read(domains, "[]").outbound()).contains(List.of());
    assertThat(read(domains, "[\"insecure:allow-all\"]").outbound()).isEmpty();
    assertThat(read("alpha.wasi.krustlet.dev/max-concurrent-requests", "42").bounds())
        .isEqualTo(Map.of(Bound.MAX_OUTGOING_REQUESTS, 42L));
  }

  @ParameterizedTest
  @CsvSource({"https://a.example", "{}", "[7]", "[\"http://\"]", "[\"https://a b\"]", "["})
  void whatIsNoListOfDomainsIsRefused(String value) {
    String domains = "alpha.wasi.krustlet.dev/allowed-domains";

    assertThatThrownBy(() -> read(domains, value)).hasMessageStartingWith("annotation " + domains);
  }

  @Test
  void oldAndNewOfTheSameAreOneTooMany() {
    Map<String, String> both = new HashMap<>();
    both.put("krustlet.dev/outbound", "a.example");
    both.put("alpha.wasi.krustlet.dev/allowed-domains", "[\"https://a.example\"]");

    assertThatThrownBy(() -> PolicyAnnotations.read(both, Set.of()))
        .hasMessageContainingAll(both.keySet().toArray(CharSequence[]::new));
  }

  private static Policy read(String key, String value) {
    return PolicyAnnotations.read(Map.of(key, value), Set.of());
  }
}
